#include "doubler.h"

Sum Doubler::on(Double message) { return {2 * message.value}; }
