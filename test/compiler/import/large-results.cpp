// RUN: %frontend %s | FileCheck %s --implicit-check-not=llvm.insertvalue
// RUN: %frontend %s | FileCheck %s --implicit-check-not=llvm.extractvalue

// A large result is written where the caller wants it, and never becomes one
// value for each of its members; neither by a handler nor by what it calls.

#include <rk/actor.h>

#include <array>

struct Query {
  std::uint32_t first;
};
struct Page {
  std::uint32_t used;
  std::array<std::uint64_t, 100> words;
};

class [[rk::actor]] Book {
public:
  [[rk::handler]] Page on(Query query) {
    return query.first == 0 ? stored(query.first) : later(query.first);
  }

private:
  [[gnu::noinline]] Page stored(std::uint32_t first) const {
    Page page{};
    for (; page.used < page.words.size(); ++page.used)
      page.words[page.used] = words_[(first + page.used) % words_.size()];
    return page;
  }
  [[gnu::noinline]] Page later(std::uint32_t first) const {
    return first > 10 ? Page{} : stored(first - 1);
  }
  std::array<std::uint64_t, 300> words_{};
};

// CHECK-LABEL: llvm.func {{.*}}@_ZN2rk6detail12handlerThunkI4Book5QueryEE
// CHECK:         llvm.call fastcc @_ZNK4Book6storedEj(%{{[^,]+}}, %{{[^,]+}}, %{{[^)]+}}){{.*}} : (!llvm.ptr, {{.*}}) -> ()
