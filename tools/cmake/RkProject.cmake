# Settings that every target of the project shares.
include_guard()
# Fixed, because rkc looks for ../lib/ringkernel from where it lies.
set(CMAKE_INSTALL_LIBDIR lib CACHE STRING "Folder of libraries, installed")
include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
# LLVM's libraries lie in a folder of their own, installed programs too.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
set(RK_RESOURCE_DIR "${CMAKE_BINARY_DIR}/lib/ringkernel")
set(RK_PROBED_RESOURCE_DIR "${CMAKE_BINARY_DIR}/lib/ringkernel-probed")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(RK_CCACHE ccache)
if(RK_CCACHE)
  # Precompiled headers and several build folders share one cache.
  set(rk_ccache ${CMAKE_COMMAND} -E env
    "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
    CCACHE_NOHASHDIR=1 "${RK_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${rk_ccache}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${rk_ccache}")
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  find_program(RK_LLD NAMES ld.lld-22 ld.lld PATHS /usr/lib/llvm-22/bin)
  if(RK_LLD)
    add_link_options("--ld-path=${RK_LLD}")
  endif()
endif()

add_compile_options(-Wall -Wextra)
# g++ 12 sees overlaps and overflows in its own std::string (its bugs 105651 and
# 105329), and does not know the loop pragmas of the device library, which its
# tests compile.
add_compile_options(
  "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict;-Wno-stringop-overflow;-Wno-array-bounds;-Wno-unknown-pragmas>")
# Without the time stamp a precompiled header is the same bytes each time, and
# the objects that use it are found in the cache.
add_compile_options(
  "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>"
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
if(RK_SANITIZER)
  add_compile_options(-fsanitize=${RK_SANITIZER} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${RK_SANITIZER})
endif()

option(RK_PRECOMPILE "Precompile the headers that large targets share" OFF)

option(RK_PRECOMPILE_TESTS "The same for the tests alone" ON)

# rk_precompile(<target> <header>...): for tests, and for builds that only test.
# What a source forgets to include shows where this is off.
function(rk_precompile target)
  if(RK_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

set(RK_QUICK_FLAGS "" CACHE STRING
  "Compile options of tests, examples, benchmarks and tools, behind the others")

# rk_quick_folder(): for a folder whose programs need not be fast where
# RK_QUICK_FLAGS says so.
macro(rk_quick_folder)
  add_compile_options(${RK_QUICK_FLAGS})
endmacro()

include(RkIncludeDir)
