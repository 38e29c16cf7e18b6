# Finds what the project takes from CUDA 13: ptxas, libdevice and the headers.
# Only the compiler needs them; the runtime opens the driver when it runs.
#
# Sets RK_CUDA_HOME (cache), RK_PTXAS, RK_LIBDEVICE, RK_CUDA_INCLUDE_DIR; a
# piece that is missing is empty or ends in -NOTFOUND. tools/dev/setup writes
# the place it found or unpacked to .deps/cuda-home.
include_guard()

set(rk_cuda_candidates "")
set(rk_cuda_note "${PROJECT_SOURCE_DIR}/.deps/cuda-home")
if(EXISTS "${rk_cuda_note}")
  file(STRINGS "${rk_cuda_note}" rk_cuda_noted LIMIT_COUNT 1)
  list(APPEND rk_cuda_candidates "${rk_cuda_noted}")
endif()
list(APPEND rk_cuda_candidates "$ENV{CUDA_HOME}" /usr/local/cuda)

set(RK_CUDA_HOME "" CACHE PATH "Folder of CUDA 13, with bin/ptxas")
if(NOT RK_CUDA_HOME)
  foreach(candidate IN LISTS rk_cuda_candidates)
    if(candidate AND EXISTS "${candidate}/bin/ptxas")
      set_property(CACHE RK_CUDA_HOME PROPERTY VALUE "${candidate}")
      break()
    endif()
  endforeach()
endif()

# What was found elsewhere belongs to another CUDA.
if(NOT RK_CUDA_HOME STREQUAL RK_CUDA_HOME_SEARCHED)
  foreach(piece IN ITEMS RK_PTXAS RK_LIBDEVICE RK_CUDA_INCLUDE_DIR)
    unset(${piece} CACHE)
  endforeach()
  set(RK_CUDA_HOME_SEARCHED "${RK_CUDA_HOME}" CACHE INTERNAL "")
endif()
find_program(RK_PTXAS ptxas HINTS "${RK_CUDA_HOME}/bin")
find_file(RK_LIBDEVICE libdevice.10.bc
  HINTS "${RK_CUDA_HOME}/nvvm/libdevice" NO_DEFAULT_PATH)
find_path(RK_CUDA_INCLUDE_DIR cuda.h
  HINTS "${RK_CUDA_HOME}/include" "${RK_CUDA_HOME}/targets/x86_64-linux/include"
  NO_DEFAULT_PATH)
if(NOT RK_PTXAS OR NOT RK_LIBDEVICE)
  message(WARNING "CUDA 13 was not found: no ptxas or no libdevice.10.bc. "
    "rkc will make only code for the CPU back end. Run tools/dev/setup, or set "
    "RK_CUDA_HOME to the folder that has bin/ptxas.")
endif()

# rkc looks here for ptxas if it finds none elsewhere.
if(RK_CUDA_HOME)
  file(MAKE_DIRECTORY "${RK_RESOURCE_DIR}")
  file(CREATE_LINK "${RK_CUDA_HOME}" "${RK_RESOURCE_DIR}/cuda" SYMBOLIC)
endif()

# rkc finds libdevice beside the device library, in this tree and installed.
if(RK_LIBDEVICE)
  file(MAKE_DIRECTORY "${RK_RESOURCE_DIR}")
  configure_file("${RK_LIBDEVICE}" "${RK_RESOURCE_DIR}/libdevice.10.bc"
    COPYONLY)
endif()
