# Builds the device library as LLVM bitcode, once for each target.
include_guard()

find_program(RK_CLANG NAMES clang++ clang++-22
  HINTS "${RK_LLVM_TOOLS_DIR}" /usr/lib/llvm-22/bin NO_DEFAULT_PATH)
find_program(RK_LLVM_LINK NAMES llvm-link llvm-link-22
  HINTS "${RK_LLVM_TOOLS_DIR}" /usr/lib/llvm-22/bin NO_DEFAULT_PATH)
find_program(RK_OPT NAMES opt opt-22
  HINTS "${RK_LLVM_TOOLS_DIR}" /usr/lib/llvm-22/bin NO_DEFAULT_PATH)

# Flags that follow from the triple. Sets `out` in the caller's scope.
#
# The GPU code is parsed as sm_80, the lowest target, and retargeted by rkc;
# PTX 9.0 is the newest that both LLVM 22 and CUDA 13.0 know. Functions are
# convergent: the generated code that they are linked with may synchronise
# lanes. The CPU code may use what every x86-64-v3 machine has.
function(rk_device_bitcode_target_flags triple out)
  if(triple MATCHES "^nvptx64")
    set(flags -march=sm_80 -Xclang -target-feature -Xclang +ptx90
      -fomit-frame-pointer -nogpulib -fconvergent-functions)
  elseif(triple MATCHES "^x86_64")
    set(flags -march=x86-64-v3 -fPIC -fno-stack-protector)
  else()
    set(flags -fPIC -fno-stack-protector)
  endif()
  set(${out} "${flags}" PARENT_SCOPE)
endfunction()

#[[
rk_add_device_bitcode(<name>
  TRIPLE   <triple>       # nvptx64-nvidia-cuda, or the host's for the CPU
  EXPORTS  <file>         # one symbol a line; all others become internal
  SOURCES  <file>...      # freestanding C++: no libc, no mutable statics
  [OUTPUT   <file>]       # where it goes, if not where rkc looks for it
  [INCLUDES <dir>...]     # searched in this order
  [FLAGS    <flag>...])   # added after the common flags

Compiles SOURCES for TRIPLE and links them into one LLVM bitcode library, which
lib/target links with generated code. Symbols that the library uses and does not
define (rk_dispatch, rk_handler_lanes) stay declarations.

Creates
  target <name>            builds the library; part of ALL
  <name>.bc                in RK_RESOURCE_DIR, where rkc looks for it, or OUTPUT
  RK_BITCODE               target property: the library's full path
  target <name>_ide        an object library, never built, through which clangd
                           sees the sources of the host's triple

Rebuilds when a source, any header it includes, EXPORTS or a flag changes.

Needs RK_CLANG, RK_LLVM_LINK and RK_OPT, all of LLVM 22; found above unless set.
Stops the configure step if one is missing, if a required argument is missing,
or if a word is not one of the above.

Example
  rk_add_device_bitcode(rk_device_nvptx
    TRIPLE   nvptx64-nvidia-cuda
    EXPORTS  exports.txt
    SOURCES  nvptx/Atomics.cpp common/Mailbox.cpp
    INCLUDES ${PROJECT_SOURCE_DIR}/ir/include)
]]
function(rk_add_device_bitcode name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG
    "" "TRIPLE;EXPORTS;OUTPUT" "SOURCES;INCLUDES;FLAGS")
  set(self "rk_add_device_bitcode(${name})")
  foreach(required IN ITEMS TRIPLE EXPORTS SOURCES)
    if(NOT ARG_${required})
      message(FATAL_ERROR "${self}: ${required} is missing")
    endif()
  endforeach()
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${self}: unknown words: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  foreach(tool IN ITEMS RK_CLANG RK_LLVM_LINK RK_OPT)
    if(NOT ${tool})
      message(FATAL_ERROR
        "${self}: ${tool} is not set; install clang-22, llvm-22 and "
        "llvm-22-tools (tools/dev/setup does), or set it by hand")
    endif()
  endforeach()

  rk_device_bitcode_target_flags("${ARG_TRIPLE}" target_flags)
  list(TRANSFORM ARG_INCLUDES PREPEND "-I" OUTPUT_VARIABLE include_flags)
  set(parts "")
  foreach(source IN LISTS ARG_SOURCES)
    cmake_path(ABSOLUTE_PATH source
      BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" OUTPUT_VARIABLE source_path)
    string(MAKE_C_IDENTIFIER "${source}" part_name)
    set(part "${CMAKE_CURRENT_BINARY_DIR}/${name}.${part_name}.bc")
    add_custom_command(OUTPUT "${part}"
      COMMAND "${RK_CLANG}" --target=${ARG_TRIPLE} -std=c++20 -O2 -emit-llvm -c
              -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics
              -fvisibility=hidden -Wall -Wextra -Werror
              ${target_flags} ${include_flags} ${ARG_FLAGS}
              -MD -MF "${part}.d" -MT "${part}" -o "${part}" "${source_path}"
      DEPENDS "${source_path}"
      DEPFILE "${part}.d"
      COMMENT "Compiling ${source} to ${ARG_TRIPLE} bitcode"
      VERBATIM)
    list(APPEND parts "${part}")
  endforeach()

  cmake_path(ABSOLUTE_PATH ARG_EXPORTS
    BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" OUTPUT_VARIABLE exports_path)
  set(library "${RK_RESOURCE_DIR}/${name}.bc")
  if(ARG_OUTPUT)
    set(library "${ARG_OUTPUT}")
  endif()
  set(linked "${CMAKE_CURRENT_BINARY_DIR}/${name}.linked.bc")
  cmake_path(GET library PARENT_PATH folder)
  file(MAKE_DIRECTORY "${folder}")
  add_custom_command(OUTPUT "${library}"
    COMMAND "${RK_LLVM_LINK}" -o "${linked}" ${parts}
    COMMAND "${RK_OPT}" -passes=internalize,globaldce
            "-internalize-public-api-file=${exports_path}"
            -o "${library}" "${linked}"
    BYPRODUCTS "${linked}"
    DEPENDS ${parts} "${exports_path}"
    COMMENT "Linking ${name}.bc"
    VERBATIM)
  add_custom_target(${name} ALL DEPENDS "${library}")
  set_target_properties(${name} PROPERTIES RK_BITCODE "${library}")

  if(NOT ARG_TRIPLE MATCHES "^nvptx64")
    add_library(${name}_ide OBJECT EXCLUDE_FROM_ALL ${ARG_SOURCES})
    target_include_directories(${name}_ide PRIVATE ${ARG_INCLUDES})
    target_compile_options(${name}_ide PRIVATE -ffreestanding ${ARG_FLAGS})
  endif()
endfunction()
