include_guard()

#[[
rk_add_actors(<target>
  SOURCES <file>...       # C++ files with the actors of the program
  ARCHS   <arch>...       # sm_80, sm_90a, sm_100a, ..., host
  [OPTIONS <option>...])  # further options of rkc

Compiles the actors of SOURCES with one call of rkc for all ARCHS and makes them
a part of <target>, an executable or a shared library. A program's actors know
each other only inside one module, so a target has one call of this function.

Creates
  <target>.rk.o   in CMAKE_CURRENT_BINARY_DIR: the module, embedded and
                  registered; linked into <target>

Changes <target>
  SOURCES         are compiled as host code too
  links           RingKernel::runtime
  C++ standard    at least 20
  warnings        the host compiler does not warn about the attributes rk::...

What rkc sees of <target>: its include directories, definitions and C++
standard, with what it gets from the targets it links. Debug information is
asked for in the configurations Debug and RelWithDebInfo. Compile options of
<target> are meant for the host compiler and are not passed on: use OPTIONS.

Rebuilds when a source, any header it includes, rkc itself, the device library
or a flag changes.

Stops the configure step if an argument is missing, a word is not one of the
above, a source does not exist and is not generated, or <target> is not a target
that can hold a module.

Example
  find_package(RingKernel REQUIRED)
  add_executable(bank main.cpp)
  rk_add_actors(bank SOURCES accounts.cpp ARCHS sm_90 host)
]]
function(rk_add_actors target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;ARCHS;OPTIONS")
  set(self "rk_add_actors(${target})")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${self}: unknown words: ${ARG_UNPARSED_ARGUMENTS}; "
      "the function knows SOURCES, ARCHS and OPTIONS")
  endif()
  foreach(required IN ITEMS SOURCES ARCHS)
    if(NOT ARG_${required})
      message(FATAL_ERROR "${self}: ${required} is missing")
    endif()
  endforeach()
  _rk_check_actor_target("${self}" ${target})
  _rk_check_archs("${self}" ${ARG_ARCHS})
  _rk_actor_sources("${self}" sources ${ARG_SOURCES})

  target_sources(${target} PRIVATE ${sources})
  target_link_libraries(${target} PRIVATE RingKernel::runtime)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-attributes=rk::>
    $<$<COMPILE_LANG_AND_ID:CXX,Clang,AppleClang>:-Wno-unknown-attributes>)

  set(object "${CMAKE_CURRENT_BINARY_DIR}/${target}.rk.o")
  list(JOIN ARG_ARCHS "," archs)
  _rk_target_flags(flags ${target})
  _rk_compiler_files(compiler_files)
  add_custom_command(OUTPUT "${object}"
    COMMAND RingKernel::rkc -c ${sources} -o "${object}" "--arch=${archs}"
            ${flags} ${ARG_OPTIONS} -MD -MF "${object}.d"
    DEPENDS RingKernel::rkc ${sources} ${compiler_files}
    DEPFILE "${object}.d"
    COMMENT "Compiling the actors of ${target} for ${archs}"
    COMMAND_EXPAND_LISTS VERBATIM)
  set_source_files_properties("${object}" PROPERTIES
    EXTERNAL_OBJECT TRUE GENERATED TRUE)
  target_sources(${target} PRIVATE "${object}")
  set_target_properties(${target} PROPERTIES RK_ACTORS_OBJECT "${object}")
endfunction()

# Stops unless `target` can hold a module and has none yet.
function(_rk_check_actor_target self target)
  if(NOT TARGET ${target})
    message(FATAL_ERROR "${self}: there is no target ${target}; "
      "call add_executable(${target} ...) first")
  endif()
  get_target_property(type ${target} TYPE)
  if(NOT type MATCHES "^(EXECUTABLE|SHARED_LIBRARY|MODULE_LIBRARY)$")
    message(FATAL_ERROR "${self}: the target is a ${type}; actors go into an "
      "executable or a shared library, because a linker leaves out the object "
      "of an archive that nothing refers to")
  endif()
  get_target_property(object ${target} RK_ACTORS_OBJECT)
  if(object)
    message(FATAL_ERROR "${self}: called twice; give all SOURCES in one call, "
      "since actors of two modules cannot send to each other")
  endif()
  foreach(needed IN ITEMS RingKernel::rkc RingKernel::runtime)
    if(NOT TARGET ${needed})
      message(FATAL_ERROR "${self}: there is no target ${needed}; "
        "call find_package(RingKernel REQUIRED) first")
    endif()
  endforeach()
endfunction()

# Stops unless every word is the name of an architecture.
function(_rk_check_archs self)
  foreach(arch IN LISTS ARGN)
    if(NOT arch MATCHES "^(sm_[0-9]+[af]?|host)$")
      message(FATAL_ERROR "${self}: ARCHS: ${arch} is not an architecture; "
        "write sm_<number>, sm_<number>a, sm_<number>f or host")
    endif()
  endforeach()
endfunction()

# Sets `result` to the absolute paths of the sources.
function(_rk_actor_sources self result)
  set(paths "")
  foreach(source IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH source
      BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" OUTPUT_VARIABLE path)
    get_source_file_property(generated "${path}" GENERATED)
    if(NOT generated AND NOT EXISTS "${path}")
      message(FATAL_ERROR "${self}: SOURCES: there is no file ${path}")
    endif()
    list(APPEND paths "${path}")
  endforeach()
  set(${result} "${paths}" PARENT_SCOPE)
endfunction()

# Sets `result` to what rkc must know of `target`, as generator expressions.
#
# /usr/include is left out as CMake leaves it out of compile lines: named
# explicitly, it would be searched before the C++ library's own headers.
function(_rk_target_flags result target)
  set(includes "$<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>")
  set(includes "$<FILTER:${includes},EXCLUDE,^/usr/include/?$>")
  set(definitions "$<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>")
  set(standard "$<TARGET_PROPERTY:${target},CXX_STANDARD>")
  set(newer "$<VERSION_GREATER:0${standard},20>")
  set(extensions "$<TARGET_PROPERTY:${target},CXX_EXTENSIONS>")
  set(strict "$<AND:$<NOT:$<STREQUAL:${extensions},>>,$<NOT:$<BOOL:${extensions}>>>")
  set(flags
    "-std=$<IF:${strict},c++,gnu++>$<IF:${newer},${standard},20>"
    "$<$<BOOL:${includes}>:-I$<JOIN:${includes},$<SEMICOLON>-I>>"
    "$<$<BOOL:${definitions}>:-D$<JOIN:${definitions},$<SEMICOLON>-D>>"
    "$<$<CONFIG:Debug,RelWithDebInfo>:-g>")
  if(RK_SANITIZER STREQUAL "thread")
    list(APPEND flags --sanitize=thread)
  endif()
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()

# Sets `result` to the files that rkc reads on its own account: those of the
# installed package, or what this build makes.
function(_rk_compiler_files result)
  set(files ${RingKernel_COMPILER_FILES})
  foreach(library IN ITEMS rk_device_nvptx rk_device_host)
    if(TARGET ${library})
      list(APPEND files ${library} "$<TARGET_PROPERTY:${library},RK_BITCODE>")
    endif()
  endforeach()
  if(NOT files)
    # An rkc of another build, which reads what lies beside it.
    get_target_property(rkc RingKernel::rkc IMPORTED_LOCATION)
    cmake_path(GET rkc PARENT_PATH folder)
    file(GLOB files CONFIGURE_DEPENDS "${folder}/../lib/ringkernel/*.bc")
  endif()
  set(${result} "${files}" PARENT_SCOPE)
endfunction()
