# Copies a file with a mistake in it.
#
#   cmake -DSOURCE=<file> -DRESULT=<file> -DRIGHT=<text> -DWRONG=<text>
#         -P mutate.cmake
#
# Fails if RIGHT is not there exactly once: then the code has changed, and the
# mistake must be made anew.
file(READ "${SOURCE}" text)
string(FIND "${text}" "${RIGHT}" first)
string(FIND "${text}" "${RIGHT}" last REVERSE)
if(first EQUAL -1 OR NOT first EQUAL last)
  message(FATAL_ERROR "${SOURCE} does not contain once: ${RIGHT}")
endif()
string(REPLACE "${RIGHT}" "${WRONG}" text "${text}")
file(WRITE "${RESULT}" "${text}")
