# baton_room(<room> SOURCES … [DEPS …] [PRIVATE_DEPS …])
# One static library per room with the alias baton::<room>. DEPS are what its headers show.
function(baton_room room)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(baton_${room} STATIC ${ARG_SOURCES})
  add_library(baton::${room} ALIAS baton_${room})
  target_link_libraries(baton_${room}
    PUBLIC baton_options ${ARG_DEPS}
    PRIVATE baton_warnings ${ARG_PRIVATE_DEPS})
endfunction()

# baton_binary(<name> SOURCES … DEPS …): an executable in <build>/bin.
function(baton_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE baton_options baton_warnings ${ARG_DEPS})
endfunction()

# baton_test(<name> SOURCES … DEPS … [LABELS …] [TIMEOUT s]): a GoogleTest binary run by ctest as one test.
function(baton_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE baton_options baton_warnings ${ARG_DEPS}
    GTest::gmock GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    ENVIRONMENT "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/lsan.supp;UBSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/ubsan.supp:print_stacktrace=1")
endfunction()
