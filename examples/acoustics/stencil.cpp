#include "../wave-3d/stencil.h"
