include_guard()
find_package(GTest REQUIRED)

if(RK_PRECOMPILE AND TARGET rk_runtime)
  set(rk_test_headers_source "${CMAKE_CURRENT_BINARY_DIR}/headers.cpp")
  file(CONFIGURE OUTPUT "${rk_test_headers_source}"
    CONTENT "// Compiled for its precompiled headers.\n")
  add_library(rk_test_headers OBJECT "${rk_test_headers_source}")
  target_link_libraries(rk_test_headers PRIVATE rk_runtime GTest::gtest_main)
  target_precompile_headers(rk_test_headers PRIVATE
    <gtest/gtest.h> <rk/system.h> <algorithm> <chrono> <thread> <vector>)
  # As the programs that use it are compiled.
  set_target_properties(rk_test_headers PROPERTIES
    POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(rk_test_headers PRIVATE -fPIE)
endif()

# rk_precompile_test(<target>): a test program of few sources, which does not
# define what changes the headers of the runtime; see rk_precompile.
function(rk_precompile_test target)
  if(TARGET rk_test_headers)
    target_precompile_headers(${target} REUSE_FROM rk_test_headers)
  endif()
endfunction()
