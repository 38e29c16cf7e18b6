// What rkc compiles.
#include "actors.h"
