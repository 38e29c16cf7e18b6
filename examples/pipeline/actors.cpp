#include "actors.h"

namespace {

/// Writes `value` in decimal at `out` and returns the end.
char *writeNumber(char *out, std::int64_t value) {
  if (value < 0) {
    *out++ = '-';
    value = -value;
  }
  char digits[20];
  int count = 0;
  do {
    digits[count++] = char('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (count > 0)
    *out++ = digits[--count];
  return out;
}

/// Reads a decimal number at `text` and moves `text` behind it.
std::int64_t readNumber(const char *&text) {
  const bool negative = *text == '-';
  text += negative;
  std::int64_t value = 0;
  while (*text >= '0' && *text <= '9')
    value = value * 10 + (*text++ - '0');
  return negative ? -value : value;
}

} // namespace

void Source::emit(std::uint32_t count, rk::Context &context) {
  for (std::uint32_t i = 0; i < count && next_ < lines_; ++i, ++next_) {
    const std::uint32_t raw = rawReading(pipeline_, next_);
    Line line{next_, {}};
    char *end = writeNumber(line.text, readingOf(raw));
    *end++ = '@';
    writeNumber(end, raw % Sensors);
    context.send(parser_, line);
  }
}

void Parser::on(const Line &line, rk::Context &context) {
  const char *text = line.text;
  const std::int64_t value = readNumber(text);
  // A line without '@' goes on as one of a sensor that does not exist.
  std::uint32_t sensor = Sensors;
  if (*text == '@')
    sensor = std::uint32_t(readNumber(++text));
  context.send(next_, Reading{line.sequence, std::int32_t(value), sensor});
}

void Transformer::on(Reading reading, rk::Context &context) {
  std::int64_t smoothed = 0;
  if (reading.sensor < Sensors) {
    std::int64_t &state = smoothed_[reading.sensor];
    state += ((std::int64_t(reading.value) << 16) - state) / 4;
    smoothed = state;
  }
  context.send(sink_, Sample{reading.sequence, reading.sensor, smoothed});
}

void Sink::on(Sample sample, rk::Context &context) {
  report_.outOfOrder += sample.sequence != report_.received;
  report_.malformed += sample.sensor >= Sensors;
  ++report_.received;
  report_.checksum = (report_.checksum ^ std::uint64_t(sample.smoothed) ^
                      std::uint64_t(sample.sensor) << 56) *
                     0x100000001b3;
  if (report_.received % Batch == 0)
    context.send(source_, More{Batch});
}
