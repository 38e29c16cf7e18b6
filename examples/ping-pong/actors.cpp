#include "actors.h"
