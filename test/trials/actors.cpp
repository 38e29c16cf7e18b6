#include "actors.h"

#include <rk/clock.h>

void Looper::on(Spin) {
  // The clock, since a compiler may remove a loop without effects; that of the
  // GPU does so even if it reads a volatile variable.
  while (rk::clock::nowNs() != 0) {
  }
}
