// RUN: %refuse %s 2>&1 | FileCheck %s

// What may travel as bytes. Each message stands on its own.

#include <rk/actor.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// CHECK: message-types.cpp:[[@LINE+2]]:24: error: message 'Named' must be trivially copyable: its bytes move between host and device
// CHECK: [[@LINE+1]]:44: note: member 'name' has the type 'std::string', which is not trivially copyable
struct [[rk::message]] Named { std::string name; };

struct Polymorphic {
  // CHECK: error: message 'Polymorphic' must be trivially copyable: its bytes move between host and device
  // CHECK: [[@LINE+1]]:15: note: 'Polymorphic' declares the virtual function 'area'
  virtual int area() const { return 0; }
};

struct Copied {
  Copied() = default;
  // CHECK: error: message 'Copied' must be trivially copyable: its bytes move between host and device
  // CHECK: [[@LINE+1]]:3: note: 'Copied' has a copy constructor of its own: default it, or leave it out
  Copied(const Copied &other) : value(other.value + 1) {}
  int value = 0;
};

struct Pointing {
  int count;
  // CHECK: [[@LINE+1]]:15: error: member 'name' of message 'Pointing' is a raw pointer: an address of one machine means nothing on another; use rk::device_ptr<T> for memory that the device can reach, rk::ActorRef<T> for an actor, or an index
  const char *name;
};

// CHECK: [[@LINE+1]]:47: error: member 'inner.pointers._M_elems' of message 'Nested' is a raw pointer: an address of one machine means nothing on another; use rk::device_ptr<T> for memory that the device can reach, rk::ActorRef<T> for an actor, or an index
struct Inner { int fine; std::array<int *, 2> pointers; };
struct Nested {
  Inner inner[3];
};

// CHECK: [[@LINE+1]]:35: error: member 'text._M_str' of message 'Viewing' is a raw pointer: an address of one machine
struct Viewing { std::string_view text; };

// CHECK: [[@LINE+1]]:32: error: member 'callback' of message 'Calling' is a function pointer: an address of one machine
struct Calling { int n; void (*callback)(int); };

// CHECK: [[@LINE+1]]:43: error: member 'field' of message 'Selecting' is a pointer to member: an address of one machine
struct Selecting { int n; int Selecting::*field; };

// CHECK: [[@LINE+1]]:27: error: member 'ratio' of message 'Wide' is a long double: its size differs between host and device; use double
struct Wide { long double ratio; };

// CHECK: [[@LINE+1]]:8: error: message 'Large' has 4100 bytes; the limit is 4096: send larger data in parts, or a rk::device_ptr<T> to it
struct Large { int values[1025]; };

// CHECK: error: reply 'Answer' has 8192 bytes; the limit is 4096: send larger data in parts, or a rk::device_ptr<T> to it
struct Answer { int values[2048]; };

struct Good {
  rk::device_ptr<int> pointer;
  std::optional<int> maybe;
  int *operator->() const;
};

class [[rk::actor]] Receiver {
public:
  [[rk::handler]] void on(const Polymorphic &) {}
  [[rk::handler]] void on(const Copied &) {}
  [[rk::handler]] void on(Pointing) {}
  [[rk::handler]] void on(Nested) {}
  [[rk::handler]] void on(Viewing) {}
  [[rk::handler]] void on(Calling) {}
  [[rk::handler]] void on(Selecting) {}
  [[rk::handler]] void on(Wide) {}
  [[rk::handler]] void on(const Large &) {}
  [[rk::handler]] Answer on(Good) { return {}; }
};
