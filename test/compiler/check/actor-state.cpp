// RUN: %refuse %s 2>&1 | FileCheck %s

// What an actor may hold.

#include <rk/actor.h>

#include <memory>
#include <vector>

struct Tick {};

// CHECK: actor-state.cpp:[[@LINE+1]]:21: error: actor 'Growing' must be trivially copyable: its bytes move between host and device
class [[rk::actor]] Growing {
public:
  [[rk::handler]] void on(Tick) {}

private:
  // CHECK: [[@LINE+1]]:20: note: member 'values_' has the type 'std::vector<int>', which is not trivially copyable
  std::vector<int> values_;
};

struct Part {
  std::unique_ptr<int> owned;
};
// CHECK: [[@LINE+2]]:21: error: actor 'Owning' must be trivially copyable
// CHECK: [[@LINE-3]]:24: note: member 'part_.owned' has the type 'std::unique_ptr<int>', which is not trivially copyable
class [[rk::actor]] Owning {
public:
  [[rk::handler]] void on(Tick) {}

private:
  Part part_;
};

// CHECK: [[@LINE+1]]:21: error: actor 'Virtual' must be trivially copyable
class [[rk::actor]] Virtual {
public:
  // CHECK: [[@LINE+1]]:32: note: 'Virtual' declares the virtual function 'on'
  [[rk::handler]] virtual void on(Tick) {}
};

class [[rk::actor]] Referring {
public:
  explicit Referring(int &target) : target_(target) {}
  [[rk::handler]] void on(Tick) {}

private:
  // CHECK: [[@LINE+1]]:8: error: member 'target_' of actor 'Referring' is a reference: an address of one machine means nothing on another; use rk::device_ptr<T> for memory that the device can reach, rk::ActorRef<T> for an actor, or an index
  int &target_;
};

// CHECK: [[@LINE+1]]:21: error: actor 'Huge' has 65540 bytes; the limit is 65536: keep bulk data behind a rk::device_ptr<T>
class [[rk::actor]] Huge {
public:
  [[rk::handler]] void on(Tick) {}

private:
  int values_[16385];
};

// CHECK: [[@LINE+2]]:21: error: actor 'Precise' must be trivially copyable
// CHECK: [[@LINE+3]]:3: note: 'Precise' has a destructor of its own: default it, or leave it out
class [[rk::actor]] Precise {
public:
  ~Precise() {}
  [[rk::handler]] void on(Tick) {}
};
