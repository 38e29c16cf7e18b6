#pragma once

#include <rk/actor.h>

struct Work {
  int value;
};
struct Result {
  int value;
};

int helper(int value);
