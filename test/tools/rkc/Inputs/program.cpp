#include "counter.h"

#include <rk/system.h>

#include <cstdio>

int answer();

int main() {
  rk::SystemOptions options;
  options.backend = rk::BackendKind::Cpu;
  rk::System system(options);
  auto counter = system.spawn<Counter>();
  system.send(counter, Add{answer()});
  system.send(counter, Add{-2});
  std::printf("total %lld\n",
              static_cast<long long>(system.ask(counter, Read{}).get().value));
}
