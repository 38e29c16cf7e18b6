include_guard()

#[[
rk_merge_include_dirs(<destination> <dir>...)

Makes <destination>, a folder of links to every header of the <dir>s, so that
the build tree offers the same include folder as the installed package: what a
user includes comes from the DSL, the ABI and the runtime. Run at configure
time; a header that is added or removed starts the configure step again.

Stops the configure step if two folders have a header of the same name.

Example
  rk_merge_include_dirs(${CMAKE_BINARY_DIR}/include ir/include)
]]
function(rk_merge_include_dirs destination)
  set(wanted "")
  foreach(dir IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH dir BASE_DIRECTORY "${PROJECT_SOURCE_DIR}")
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${dir}"
      "${dir}/*.h" "${dir}/*.def")
    foreach(header IN LISTS headers)
      if(header IN_LIST wanted)
        message(FATAL_ERROR "rk_merge_include_dirs: ${dir}/${header}: "
          "another folder has a header of this name; rename one")
      endif()
      list(APPEND wanted "${header}")
      set(link "${destination}/${header}")
      cmake_path(GET link PARENT_PATH folder)
      file(MAKE_DIRECTORY "${folder}")
      file(CREATE_LINK "${dir}/${header}" "${link}" SYMBOLIC)
    endforeach()
  endforeach()

  file(GLOB_RECURSE present RELATIVE "${destination}" "${destination}/*")
  foreach(header IN LISTS present)
    if(NOT header IN_LIST wanted)
      file(REMOVE "${destination}/${header}")
    endif()
  endforeach()
endfunction()

# What `#include <rk/...>` finds in the build tree.
set(RK_INCLUDE_DIR "${CMAKE_BINARY_DIR}/include")
rk_merge_include_dirs("${RK_INCLUDE_DIR}"
  compiler/dsl/include ir/include runtime/include)
