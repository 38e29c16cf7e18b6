// RUN: %frontend --summary %s > %t.summary
// RUN: %build %s -o %t.exe
// RUN: %t.exe > %t.check
// RUN: FileCheck %t.check --input-file=%t.summary --match-full-lines

// The hash of a type is that of the name which the host's `typeid` gives it:
// computed here by a program that another compiler built, and compared.

#include <rk/actor.h>

#include <cinttypes>
#include <cstdio>
#include <typeinfo>

namespace outer {
inline namespace version {
template <class T, int N> struct Pair {
  T values[N];
};
} // namespace version
struct Plain {
  struct Inner {
    int value;
  };
};
enum class Colour { Red };
} // namespace outer
namespace {
struct Hidden {
  int value;
};
} // namespace

class [[rk::actor]] Every {
public:
  [[rk::handler]] void on(outer::Pair<unsigned long, 3>) {}
  [[rk::handler]] void on(outer::Plain::Inner) {}
  [[rk::handler]] void on(outer::Colour) {}
  [[rk::handler]] void on(Hidden) {}
  [[rk::handler]] void on(unsigned char) {}
};

template <class T> static void expect(const char *kind, const char *name) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char *letter = typeid(T).name(); *letter; ++letter)
    hash = (hash ^ static_cast<unsigned char>(*letter)) * 0x100000001b3u;
  std::printf("CHECK: %s %s  size %zu align %zu hash 0x%016" PRIx64
              "  ({{.*}}hash.cpp:{{[0-9]+}})\n",
              kind, name, sizeof(T), alignof(T), hash);
}

int main() {
  expect<Hidden>("message", "(anonymous namespace)::Hidden");
  expect<outer::Colour>("message", "outer::Colour");
  expect<outer::Pair<unsigned long, 3>>("message",
                                        "outer::Pair<unsigned long, 3>");
  expect<outer::Plain::Inner>("message", "outer::Plain::Inner");
  expect<unsigned char>("message", "unsigned char");
  expect<Every>("actor", "Every");
}
