// RUN: %refuse %s 2>&1 | FileCheck %s

// Where the attributes of stencils may stand.

#include <rk/stencil.h>

// CHECK: stencil.cpp:[[@LINE+1]]:3: error: '{{\[\[}}rk::update]]' stands on the member function 'void update(rk::Cell<...> &) const' of a stencil
[[rk::update]] void loose();
// CHECK: [[@LINE+1]]:14: error: '{{\[\[}}rk::stencil]]' stands on a class: 'class {{\[\[}}rk::stencil]] Name { ... };'
enum class [[rk::stencil]] Colour { Red };
// CHECK: [[@LINE+1]]:9: error: '{{\[\[}}rk::stencil]]' takes no arguments
class [[rk::stencil(3)]] Three {};
class Positions {
public:
  // CHECK: [[@LINE+1]]:5: error: '{{\[\[}}rk::boundary]]' stands on the member function 'void boundary(rk::Outside<...> &) const' of a stencil
  [[rk::boundary]] void beyond() const;
  // CHECK: [[@LINE+1]]:5: error: '{{\[\[}}rk::reduce]]' stands on a member function 'T name(const rk::Cell<...> &) const' of a stencil
  [[rk::reduce]] static float sum();
};
