#include "actors.h"

#include "settings.h"

void Counter::on(Add, rk::Context &context) {
  static_assert(sizeof(GREETING) == sizeof("three times"));
  added_ += STEP;
  context.request(this, doubler_, Double{added_ + Bonus});
}
