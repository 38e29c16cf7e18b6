// RUN: %frontend --locations %S/../accepted/language.cpp > %t.one
// RUN: %frontend --locations %S/../accepted/language.cpp > %t.two
// RUN: cmp %t.one %t.two
// RUN: %refuse %S/../check/device-language.cpp 2> %t.one
// RUN: %refuse %S/../check/device-language.cpp 2> %t.two
// RUN: cmp %t.one %t.two

// The same source gives the same bytes, and the same messages in the same
// order.
