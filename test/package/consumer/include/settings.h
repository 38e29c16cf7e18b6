#pragma once

// Read by the actors and by the host; the test changes it.
inline constexpr int Bonus = 1000;
