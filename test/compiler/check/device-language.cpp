// RUN: %refuse %s 2>&1 | FileCheck %s

// What the language offers but a device cannot do.

#include <rk/actor.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <typeinfo>

struct Tick { int count; };

int external(int);
extern int elsewhere;
// CHECK: device-language.cpp:[[@LINE+2]]:18: error: a handler cannot use the thread_local variable 'perThread': keep it in the actor
// CHECK: note: used in 'Language::on(Tick)' here
thread_local int perThread = 3;
// CHECK: device-language.cpp:[[@LINE+1]]:5: error: 'started' is used in a handler but initialised at run time, on the host only: make it constexpr or constinit, or keep it in the actor
int started = std::rand();
// Used by the host only.
static const std::string hostName = "host";
thread_local std::string hostThread;

struct Shape {
  virtual ~Shape() = default;
  virtual int area() const = 0;
};
struct Square : Shape {
  int area() const override { return 4; }
};

static int sumOf(int count, ...) {
  std::va_list list;
  // CHECK: error: a handler cannot use variable arguments ('...'): use a variadic template
  va_start(list, count);
  int sum = va_arg(list, int);
  va_end(list);
  return sum;
}

static int jump(int index) {
  static const void *const table[] = {&&first, &&second, &&third};
  // CHECK: error: a handler cannot use computed goto: use switch, or a table of functions
  goto *table[index];
first:
  return 1;
second:
  return 2;
third:
  return 7;
}

class [[rk::actor]] Language {
public:
  [[rk::handler]] void on(Tick tick) {
    sum_ += perThread;
    sum_ += started;
    // CHECK: error: 'external(int)' has no body that the device can run: define it in a source of the same rkc call, or do without it in handlers
    sum_ += external(tick.count);
    // CHECK: error: the variable 'elsewhere' is not defined in a source of this rkc call, so the device does not have it
    sum_ += elsewhere;
    sum_ += sumOf(tick.count, sum_);
    sum_ += jump(tick.count);
    // CHECK: error: a static variable in a function needs a constant initialiser to be used in a handler: make it constexpr, or a member of the actor
    static const int once = std::rand();
    sum_ += once;
    // CHECK: error: a handler cannot allocate memory: keep the data in the actor's state, in a std::array, or behind a rk::device_ptr<T>
    auto owned = std::make_unique<int[]>(tick.count);
    owned[0] = 1;
    keep(owned.get());
    Square square;
    Shape &shape = square;
    keep(&shape);
    // CHECK: error: a handler cannot use dynamic_cast: use a virtual function, or std::variant
    sum_ += dynamic_cast<Square &>(*kept<Shape>()).area();
    // CHECK: error: a handler cannot use typeid: give the classes an enumeration, or use std::variant
    sum_ += typeid(*kept<Shape>()) == typeid(Square);
    // CHECK: error: a handler cannot print ('printf'): send what is to be printed to the host, as the reply to a request
    std::printf("%d", sum_);
    // CHECK: error: 'nvvm.read.ptx.sreg.tid.x' exists only on NVIDIA GPUs, and a handler must also run on the CPU: use rk/group.h, rk/atomic.h or rk/clock.h
    sum_ += __nvvm_read_ptx_sreg_tid_x();
    // CHECK: error: a handler cannot contain inline assembly: the same code must run on GPU and CPU; use rk/group.h, rk/atomic.h or rk/clock.h
    asm volatile("membar.gl;" ::: "memory");
    asm volatile("" ::: "memory");
  }

private:
  template <class T> T *kept() const { return (T *)address_; }
  void keep(const void *address) { address_ = (unsigned long)address; }

  unsigned long address_ = 0;
  int sum_ = 0;
};

int main() {
  hostThread = hostName;
  std::printf("%s", hostThread.c_str());
}
