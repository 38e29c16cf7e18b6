# Finds LLVM, MLIR and Clang of exactly the version that the sources are
# written for, and the tools that belong to them.
#
# Sets RK_LLVM_TOOLS_DIR, RK_CLANG, RK_LLVM_LINK, RK_OPT. Link the shared
# libraries only: rkc::llvm gives MLIR and LLVM, rkc::clang adds Clang.
# (Debian's static targets beside the shared ones register every pass twice.)
include_guard()

set(RK_LLVM_VERSION 22.1)
list(APPEND CMAKE_PREFIX_PATH /usr/lib/llvm-22)
find_package(MLIR ${RK_LLVM_VERSION} REQUIRED CONFIG)
find_package(Clang ${RK_LLVM_VERSION} REQUIRED CONFIG)
set(RK_LLVM_TOOLS_DIR "${LLVM_TOOLS_BINARY_DIR}")

list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)

add_library(rkc_llvm INTERFACE)
add_library(rkc::llvm ALIAS rkc_llvm)
target_include_directories(rkc_llvm SYSTEM INTERFACE
  ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_compile_definitions(rkc_llvm INTERFACE
  _GNU_SOURCE __STDC_CONSTANT_MACROS __STDC_FORMAT_MACROS __STDC_LIMIT_MACROS)
target_link_libraries(rkc_llvm INTERFACE MLIR LLVM)

add_library(rkc_clang INTERFACE)
add_library(rkc::clang ALIAS rkc_clang)
target_include_directories(rkc_clang SYSTEM INTERFACE ${CLANG_INCLUDE_DIRS})
target_link_libraries(rkc_clang INTERFACE clang-cpp rkc_llvm)
