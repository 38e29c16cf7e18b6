include_guard()
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(RK_LIT NAMES lit llvm-lit PATHS "${RK_LLVM_TOOLS_DIR}"
  NO_DEFAULT_PATH)

#[[
rk_add_lit_suite(<name>
  [DEPENDS <target>...]   # programs that the tests run
  [LABELS <label>...])    # of the CTest test; <name> if none is given

Makes the current source folder a suite of lit tests: each of its `.mlir`, `.cpp`
and `.test` files, folders named Inputs apart, is a CTest test `<name>/<file>`.

The configuration is test/lit.cfg.py: programs of the build and of LLVM are on
PATH, and `RK_CHECK_ROUNDTRIP=1` in the environment makes every rk-opt also print
its input and read it back.

Creates target check-lit-<name>, which builds what the suite needs and runs it.

Example
  rk_add_lit_suite(dialect DEPENDS rk-opt)
]]
function(rk_add_lit_suite name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "DEPENDS;LABELS")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "rk_add_lit_suite(${name}): unknown words: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT RK_LIT)
    message(FATAL_ERROR "rk_add_lit_suite(${name}): there is no lit in "
      "${RK_LLVM_TOOLS_DIR}; install llvm-22-tools")
  endif()
  set(RK_LIT_SUITE "${name}")
  configure_file("${PROJECT_SOURCE_DIR}/test/lit.site.cfg.py.in"
    "${CMAKE_CURRENT_BINARY_DIR}/lit.site.cfg.py" @ONLY)
  set(command "${Python3_EXECUTABLE}" "${RK_LIT}" -sv
    "${CMAKE_CURRENT_BINARY_DIR}")
  if(NOT ARG_LABELS)
    set(ARG_LABELS "${name}")
  endif()
  file(GLOB_RECURSE cases CONFIGURE_DEPENDS
    RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "*.mlir" "*.cpp" "*.test")
  list(FILTER cases EXCLUDE REGEX "(^|/)Inputs/")
  foreach(case IN LISTS cases)
    add_test(NAME ${name}/${case}
      COMMAND "${Python3_EXECUTABLE}" "${RK_LIT}" -v --no-progress-bar
              "${CMAKE_CURRENT_BINARY_DIR}/${case}")
    set_tests_properties(${name}/${case} PROPERTIES LABELS "${ARG_LABELS}")
  endforeach()
  add_custom_target(check-lit-${name} COMMAND ${command}
    DEPENDS ${ARG_DEPENDS} USES_TERMINAL)
endfunction()
