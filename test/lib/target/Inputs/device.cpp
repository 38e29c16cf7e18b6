// Stands for the device library: runs the handler of key 1 on the four words
// that the launch argument points to. `agent` is the value that it starts from.
#include <stdint.h>

extern "C" uint32_t rk_dispatch(uint32_t key, void *state, void *message,
                                void *reply, void *context);
extern "C" uint32_t rk_handler_lanes(uint32_t key);

#if defined(__NVPTX__)
extern "C" [[clang::device_kernel]] void rk_kernel(double *words) {
  const uint32_t agent = __nvvm_read_ptx_sreg_tid_x();
#else
extern "C" void rk_agent_run(double *words, uint32_t agent) {
#endif
  words[1] = agent;
  words[2] = rk_dispatch(1, &words[0], &words[1], &words[3], nullptr);
  words[2] += 100 * rk_handler_lanes(1);
}
