# Every compiler flag of the project lives here, on two interface targets.
option(BATON_TESTS "Build the tests" ON)
option(BATON_BENCH "Build the benchmarks" ON)
option(BATON_WERROR "Treat warnings as errors" ON)
option(BATON_FUZZ "Build the fuzz targets with libFuzzer; needs clang" OFF)
set(BATON_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Assertions stay on in every build: a broken invariant must stop a sync, not corrupt it.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")

find_program(BATON_CCACHE ccache)
if(BATON_CCACHE)
  # Build folders of one checkout share results: paths are hashed relative to the checkout.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${BATON_CCACHE})
endif()

add_library(baton_options INTERFACE)
target_include_directories(baton_options INTERFACE "${PROJECT_SOURCE_DIR}/src")
# CAF, protobuf and spdlog all want one opinion about these.
target_compile_definitions(baton_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE SPDLOG_FMT_EXTERNAL
  BATON_VERSION="${PROJECT_VERSION}")
if(BATON_FUZZ)
  # Instruments every room for coverage; only a fuzz target links libFuzzer itself.
  target_compile_options(baton_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(baton_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(BATON_SANITIZE)
  target_compile_options(baton_options INTERFACE -fsanitize=${BATON_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(baton_options INTERFACE -fsanitize=${BATON_SANITIZE})
  if(BATON_SANITIZE MATCHES "thread")
    # Asio has fences, which the thread sanitizer does not model; g++ warns of each.
    target_compile_options(baton_options INTERFACE -Wno-tsan)
  endif()
  if(BATON_SANITIZE MATCHES "undefined")
    # CAF 0.17 binds references to null in two headers; everything else must be clean.
    target_compile_options(baton_options INTERFACE -fno-sanitize=null,vptr -fno-sanitize-recover=all)
  endif()
endif()

add_library(baton_warnings INTERFACE)
# g++ 12 takes the recycled frames of Asio coroutines for mismatched new and delete once they are inlined.
target_compile_options(baton_warnings INTERFACE -Wall -Wextra -Wpedantic -Wno-mismatched-new-delete)
if(BATON_WERROR)
  target_compile_options(baton_warnings INTERFACE -Werror)
endif()
