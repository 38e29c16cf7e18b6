include_guard(GLOBAL)

#[[
The target gpu-bundle: gathers programs, modules and expected outputs in
CMAKE_BINARY_DIR/gpu-bundle, with tools/gpu-bundle/run.sh, so that everything
runs on another machine without a compiler.

rk_bundle_program(<target> [SUITE])
  The program of <target>, stripped. A SUITE is a test program that run.sh runs
  by itself, with RK_BACKEND set; others go to bin/.
  Links the C++ library and libgcc statically into <target>.

rk_bundle_file(<path> <folder>/<name>)
  One file, which may be generated.
]]

set(RK_ACTOR_ARCHS sm_90a host CACHE STRING
  "What the examples, benchmarks and trials are compiled for")

# Links what differs between machines into the program.
function(rk_link_portably target)
  if(NOT RK_SANITIZER)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()

function(rk_bundle_program target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "SUITE" "" "")
  rk_link_portably(${target})
  set(folder bin)
  if(ARG_SUITE)
    set(folder suites)
  endif()
  set_property(GLOBAL APPEND PROPERTY RK_BUNDLE_TARGETS ${target})
  set_property(GLOBAL APPEND PROPERTY RK_BUNDLE_PROGRAMS
    "${folder}:$<TARGET_FILE:${target}>")
endfunction()

function(rk_bundle_file path place)
  set_property(GLOBAL APPEND PROPERTY RK_BUNDLE_FILES "${path}:${place}")
  set_property(GLOBAL APPEND PROPERTY RK_BUNDLE_DEPENDS "${path}")
endfunction()

# Called when every folder has said what it adds.
function(_rk_add_gpu_bundle)
  foreach(list IN ITEMS TARGETS PROGRAMS FILES DEPENDS)
    get_property(${list} GLOBAL PROPERTY RK_BUNDLE_${list})
  endforeach()
  if(NOT TARGETS)
    return()
  endif()
  set(sources "${PROJECT_SOURCE_DIR}/tools/gpu-bundle")
  list(JOIN PROGRAMS "\n" programs)
  list(JOIN FILES "\n" files)
  set(manifest "${CMAKE_BINARY_DIR}/gpu-bundle.txt")
  file(GENERATE OUTPUT "${manifest}" CONTENT "${programs}\n${files}\n")
  add_custom_target(gpu-bundle
    COMMAND "${sources}/gather.sh" "${manifest}" "${CMAKE_BINARY_DIR}/gpu-bundle"
            "${PROJECT_SOURCE_DIR}" "${CMAKE_STRIP}"
    DEPENDS ${TARGETS} ${DEPENDS} "${manifest}"
            "${sources}/gather.sh" "${sources}/run.sh"
    COMMENT "Gathering ${CMAKE_BINARY_DIR}/gpu-bundle" VERBATIM)
  # All of it is built anyway; what remains is whether it fits together.
  if(RK_BUILD_TESTS AND "compiler" IN_LIST RK_COMPONENTS)
    add_test(NAME gpu-bundle.gather
      COMMAND "${PROJECT_SOURCE_DIR}/test/gpu-bundle/gather-and-ask"
              "${sources}/gather.sh" "${manifest}"
              "${CMAKE_BINARY_DIR}/test/gpu-bundle" "${PROJECT_SOURCE_DIR}"
              "${CMAKE_STRIP}")
    set_tests_properties(gpu-bundle.gather PROPERTIES
      LABELS gpu-bundle TIMEOUT 120)
  endif()
endfunction()
cmake_language(DEFER DIRECTORY "${PROJECT_SOURCE_DIR}"
  CALL _rk_add_gpu_bundle)
