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

option(RK_PRECOMPILE_LLVM "Precompile headers of LLVM and MLIR" ON)

# They take most of the time of a source file that includes them: 11 of 12 s.
# Those of the project are not among them, so that what a source or a header
# forgets to include of these still shows.
if(RK_PRECOMPILE_LLVM)
  set(rkc_llvm_headers_source "${CMAKE_BINARY_DIR}/llvm-headers.cpp")
  file(CONFIGURE OUTPUT "${rkc_llvm_headers_source}"
    CONTENT "// Compiled for its precompiled headers.\n")
  add_library(rkc_llvm_headers OBJECT "${rkc_llvm_headers_source}")
  target_link_libraries(rkc_llvm_headers PRIVATE rkc::llvm)
  target_precompile_headers(rkc_llvm_headers PRIVATE
    <mlir/Bytecode/BytecodeOpInterface.h>
    <mlir/Dialect/DLTI/DLTI.h>
    <mlir/Dialect/LLVMIR/LLVMDialect.h>
    <mlir/Dialect/LLVMIR/NVVMDialect.h>
    <mlir/IR/Builders.h>
    <mlir/IR/BuiltinOps.h>
    <mlir/IR/DialectImplementation.h>
    <mlir/IR/IRMapping.h>
    <mlir/IR/Matchers.h>
    <mlir/IR/OpImplementation.h>
    <mlir/IR/PatternMatch.h>
    <mlir/IR/SymbolTable.h>
    <mlir/Interfaces/InferTypeOpInterface.h>
    <mlir/Interfaces/SideEffectInterfaces.h>
    <mlir/Pass/PassManager.h>
    <mlir/Transforms/DialectConversion.h>
    <llvm/ADT/TypeSwitch.h>
    <llvm/Demangle/Demangle.h>
    <llvm/IR/IRBuilder.h>
    <llvm/IR/InstIterator.h>
    <llvm/IR/IntrinsicInst.h>
    <llvm/IR/Module.h>
    <llvm/Support/FormatVariadic.h>)
endif()

# rk_precompile_llvm(<target>): for a target that links rkc::llvm.
function(rk_precompile_llvm target)
  if(RK_PRECOMPILE_LLVM)
    target_precompile_headers(${target} REUSE_FROM rkc_llvm_headers)
    # As they were compiled: a program would be compiled with -fPIE.
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()
