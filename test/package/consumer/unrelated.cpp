#include "unrelated.h"

int unrelated() { return 0; }
