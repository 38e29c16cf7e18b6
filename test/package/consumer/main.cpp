#include "actors.h"
#include "settings.h"
#include "unrelated.h"

#include <rk/system.h>

#include <cstdio>

int main() {
  rk::System system;
  auto doubler = system.spawn<Doubler>();
  auto counter = system.spawn<Counter>(doubler);
  for (int i = 0; i < 100; ++i)
    if (rk::Status status = system.send(counter, Add{}); !status.isOk()) {
      std::fprintf(stderr, "%s\n", status.message().c_str());
      return 1;
    }
  if (rk::Status status = system.waitIdle(); !status.isOk()) {
    std::fprintf(stderr, "%s\n", status.message().c_str());
    return 1;
  }
  const Sum sum = system.ask(counter, Total{}).get();
  std::printf("sum %lld step %d bonus %d\n", static_cast<long long>(sum.value),
              STEP, Bonus);
  return unrelated();
}
