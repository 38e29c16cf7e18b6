# The names under which programs use the project, in this build and installed,
# and the install rules of the package `RingKernel`.
#
#   RingKernel::runtime   what a program with actors links
#   RingKernel::rkc       the compiler
#
# A build without the compiler component takes it from elsewhere: set RK_RKC to
# an rkc of the same version.
include_guard()
include(CMakePackageConfigHelpers)
include(RkAddActors)

set(RK_RKC "" CACHE FILEPATH
  "The rkc to use in a build without the component compiler")

foreach(part IN ITEMS runtime modfile abi)
  if(TARGET rk_${part})
    set_target_properties(rk_${part} PROPERTIES EXPORT_NAME ${part})
    install(TARGETS rk_${part} EXPORT RingKernelTargets)
    if(NOT TARGET RingKernel::${part})
      add_library(RingKernel::${part} ALIAS rk_${part})
    endif()
  endif()
endforeach()

foreach(program IN ITEMS rkc rk-opt rk-modfile)
  if(TARGET ${program})
    install(TARGETS ${program} EXPORT RingKernelTargets)
  endif()
endforeach()
if(TARGET rkc)
  add_executable(RingKernel::rkc ALIAS rkc)
elseif(RK_RKC)
  add_executable(RingKernel::rkc IMPORTED GLOBAL)
  set_target_properties(RingKernel::rkc PROPERTIES
    IMPORTED_LOCATION "${RK_RKC}")
endif()

install(DIRECTORY
  "${PROJECT_SOURCE_DIR}/compiler/dsl/include/"
  "${PROJECT_SOURCE_DIR}/ir/include/"
  "${PROJECT_SOURCE_DIR}/runtime/include/"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
if("compiler" IN_LIST RK_COMPONENTS)
  install(DIRECTORY "${RK_RESOURCE_DIR}/"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/ringkernel"
    FILES_MATCHING PATTERN "*.bc" PATTERN "*.h" PATTERN "cuda" EXCLUDE)
  if(RK_CUDA_HOME)
    set(rk_cuda_link
      "\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}")
    install(CODE
      "file(CREATE_LINK \"${RK_CUDA_HOME}\"
        \"${rk_cuda_link}/ringkernel/cuda\" SYMBOLIC)")
  endif()
endif()

set(RK_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/RingKernel")
configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/RingKernelConfig.cmake.in"
  "${CMAKE_BINARY_DIR}/RingKernelConfig.cmake"
  INSTALL_DESTINATION "${RK_PACKAGE_DIR}"
  PATH_VARS CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(
  "${CMAKE_BINARY_DIR}/RingKernelConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${CMAKE_BINARY_DIR}/RingKernelConfig.cmake"
  "${CMAKE_BINARY_DIR}/RingKernelConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/RkAddActors.cmake"
  DESTINATION "${RK_PACKAGE_DIR}")
if(TARGET rk_abi)
  install(EXPORT RingKernelTargets NAMESPACE RingKernel::
    DESTINATION "${RK_PACKAGE_DIR}")
endif()
