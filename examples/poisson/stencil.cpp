#include "stencil.h"
