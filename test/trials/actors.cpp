#include "actors.h"

void Looper::on(Spin) {
  // volatile, since the compiler may assume that a loop without effects ends.
  volatile bool more = true;
  while (more) {
  }
}
