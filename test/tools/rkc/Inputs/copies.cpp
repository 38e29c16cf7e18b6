#include <rk/actor.h>

#include <cstdint>

struct Field : rk::Bulk<float> {};

inline void copyOf(const Field &field, rk::Context &context) {
  auto copy = rk::BulkBuffer<float>::makeTogether(context, field.size());
  rk::copyTogether(copy.data(), field.data(), field.size());
}

#ifndef ONLY_WARP
class [[rk::actor, rk::resident]] BlockCopier {
public:
  [[rk::handler(rk::Lanes::Block)]] void on(const Field &field,
                                            rk::Context &context) {
    copyOf(field, context);
  }
};
#endif
#ifndef ONLY_BLOCK
class [[rk::actor]] WarpCopier {
public:
  [[rk::handler(rk::Lanes::Warp)]] void on(const Field &field,
                                           rk::Context &context) {
    copyOf(field, context);
  }
};
#endif
