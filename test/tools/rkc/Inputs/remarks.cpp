#include <rk/actor.h>
#include <rk/group.h>

#include <array>

struct Page {
  std::array<std::uint8_t, 40> bytes;
};
struct Line {
  std::uint32_t number;
};

class [[rk::actor]] Printer {
public:
  [[rk::handler(rk::Lanes::Warp)]] void on(const Page &page) {
    lines_ += rk::Group().sum(page.bytes[0]);
  }
  [[rk::handler]] Page on(Line line) { return {std::uint8_t(line.number)}; }

private:
  std::uint32_t lines_ = 0;
};

struct Job {
  rk::ActorRef<Printer> printer;
  std::uint32_t lines;
};

inline void print(rk::Context &context, rk::ActorRef<Printer> printer,
                  std::uint32_t line) {
  context.send(printer, Line{line});
}

class [[rk::actor]] Spooler {
public:
  [[rk::handler]] void on(const Job &job, rk::Context &context) {
    for (std::uint32_t i = 0; i < job.lines; ++i)
      print(context, job.printer, i);
    if (context.send(job.printer, Page{}) != rk::StatusCode::Ok)
      ++lost_;
    context.stop(job.printer);
  }

private:
  std::uint32_t lost_ = 0;
};
