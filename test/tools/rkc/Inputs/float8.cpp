#include <rk/actor.h>
#include <rk/float.h>

struct Value {
  float value;
};
struct Encoded {
  std::uint32_t bits;
};

class [[rk::actor]] Encoder {
public:
  [[rk::handler]] Encoded on(Value value) {
    return {rk::fp8_e4m3(value.value).bits()};
  }
};
