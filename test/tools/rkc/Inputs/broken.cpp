#include "counter.h"

int broken( { return 1; }
