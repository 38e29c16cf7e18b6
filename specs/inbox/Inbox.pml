/*
 * Inbox.pml - the inbox of runtime/device/common/Inbox.h
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Senders draw tickets, several at once if they like; segments are opened one
 * ahead, in the inbox's home segments or in those of a shared pool; an inbox
 * that finds no room is closed, and opened again at a later number. Every
 * shared access is one step, so all interleavings are explored, under
 * sequential consistency (docs/memory-model.md argues the orders).
 *
 * Checked, beside that nobody is stuck (no invalid end state):
 *   - each accepted message is received exactly once, messages of one sender in
 *     order; behind a refused ticket of a row none is accepted;
 *   - no packet is written where one lies that has not been read;
 *   - no packet is taken that has been taken before: the marks tell them apart.
 *
 * With -DREACH it must fail: it shows that the pool, closing by a sender,
 * passing on and reopening are reached in one run. Known mistakes, each of which
 * must be seen:
 *   -DLATE_CLOSE   closing without looking again
 *   -DEARLY_HOME   a home segment is used one number too early
 *   -DSAME_MARK    a pool segment keeps its mark
 *   -DBLIND_PASS   a number is passed on without looking
 *
 * Names follow the C++: reserve, locate, openSegment, passOnClosed, closeInbox,
 * leaveSegment, reopen.
 */

#ifndef SENDERS
#define SENDERS 2
#endif
#ifndef MESSAGES
#define MESSAGES 5          /* tickets drawn by each sender */
#endif
#ifndef ROW
#define ROW 2               /* most tickets drawn at once; at most SEGMENT */
#endif
#ifndef POOL
#define POOL 1              /* segments in the pool */
#endif
#ifndef THIEF
#define THIEF 0             /* 1: another inbox takes and returns a segment */
#endif
#define SEGMENT 2           /* packets in a segment */
#define HOME 2              /* home segments, 0 and 1; the pool's come behind */
#define SHARE (HOME + POOL) /* segments that an inbox may hold */
#ifndef DIRECTORY
#define DIRECTORY 8         /* entries: SHARE, and one for each sender, fit */
#endif
#define CLOSED 15           /* the place of a number without a segment */
#define FRESH 128           /* the bit in the marks of home segments */

#ifdef EARLY_HOME
#define isHomeFree(ahead) (ahead <= HOME)
#else
#define isHomeFree(ahead) (ahead < HOME)
#endif
#ifdef SAME_MARK
#define poolMark(use) 1
#else
#define poolMark(use) (1 + (use) % 2) /* two uses in a row differ, no more */
#endif

short tail = SEGMENT;       /* the first ticket of number 1 */
bool closed = false;        /* the top bit of tail: changed in one step with it */
byte head = 1;

/* An entry is 64 bits, written and read in one step. */
typedef Entry { byte number; byte segment; byte mark }
Entry directory[DIRECTORY];
Entry recent[2];

bool isFree[HOME + POOL];   /* used for the pool's */
byte uses[HOME + POOL];

typedef Packet { byte mark; byte sender; byte sequence; bool isUnread }
Packet packets[(HOME + POOL) * SEGMENT];

byte accepted[SENDERS];
byte received[SENDERS];
byte lastSequence[SENDERS];
byte sendersDone = 0;
#ifdef REACH
bool spilled, closedBySender, passedOn, reopened, filledAgain;
#define note(what) what
#else
#define note(what)
#endif

inline markOf(number, segment, poolsMark, result) {
  result = (segment < HOME -> FRESH + number : poolsMark)
}

inline writeEntry(entry, itsNumber, itsSegment, itsMark) {
  d_step {
    entry.number = itsNumber;
    entry.segment = itsSegment;
    entry.mark = itsMark
  }
}

/* The pool's queue has its own argument: here a take is one step. The segment
 * is ours then, and so is its count of uses. */
inline takeSegment(segment, mark) {
  d_step {
    segment = HOME;
    do
    :: segment < HOME + POOL && !isFree[segment] -> segment++
    :: else -> break
    od;
    if
    :: segment == HOME + POOL -> segment = CLOSED; mark = 0
    :: else ->
       isFree[segment] = false;
       note(spilled = true;)
       mark = poolMark(uses[segment]);
       uses[segment] = (uses[segment] + 1) % 2
    fi
  }
}

inline openSegment(next) {
  seenHead = head;
  if
  :: isHomeFree(next - seenHead) ->
     d_step { taken = (next) % HOME; takenMark = 0 }
  :: !isHomeFree(next - seenHead) && next - seenHead < SHARE ->
     takeSegment(taken, takenMark)
  :: else -> d_step { taken = CLOSED; takenMark = 0 }
  fi;
  writeEntry(directory[(next) % DIRECTORY], next, taken, takenMark);
  writeEntry(recent[(next) % 2], next, taken, takenMark);
  d_step { seenHead = 0; taken = 0; takenMark = 0 }
}

inline passOnClosed(next) {
  d_step {
    if
#ifndef BLIND_PASS
    :: directory[(next) % DIRECTORY].number >= next
#endif
    :: else ->
       directory[(next) % DIRECTORY].number = next;
       directory[(next) % DIRECTORY].segment = CLOSED;
       note(passedOn = true;)
       directory[(next) % DIRECTORY].mark = 0
    fi
  }
}

#ifdef LATE_CLOSE
inline closeInbox(itsNumber) { closed = true }
#else
inline closeInbox(itsNumber) {
  do
  :: d_step { seenTail = tail; seenClosed = closed };
     if
     :: seenClosed -> break
     :: else
     fi;
     seenHead = head;
     if
     :: seenHead > itsNumber -> break
     :: else
     fi;
     d_step {
       exchanged = (tail == seenTail && !closed);
       if
       :: exchanged ->
          note(closedBySender = true;)
          closed = true
       :: else
       fi
     };
     if
     :: exchanged -> break
     :: else
     fi
  od
}
#endif

/* Draws `count` tickets. The recent entries may be loaded before: a later look
 * that finds the entry finds what the directory holds, as is asserted below. */
inline reserve() {
  loadRecent();
  d_step { ticket = tail; isVoid = closed; tail = tail + count }
}
inline loadRecent() {
  d_step {
    seen[0].number = recent[0].number;
    seen[0].segment = recent[0].segment;
    seen[0].mark = recent[0].mark;
    seen[1].number = recent[1].number;
    seen[1].segment = recent[1].segment;
    seen[1].mark = recent[1].mark
  }
}

/* Finds the place of the lane's ticket, and opens the next segment. */
inline locate(lane) {
  number = (ticket + lane) / SEGMENT;
  if
  :: isVoid -> place[lane] = CLOSED
  :: else ->
     if
     :: seen[number % 2].number == number ->
        d_step {
          place[lane] = seen[number % 2].segment;
          mark = seen[number % 2].mark;
          assert(place[lane] == CLOSED || (
                 directory[number % DIRECTORY].number == number &&
                 directory[number % DIRECTORY].segment == place[lane] &&
                 directory[number % DIRECTORY].mark == mark))
        }
     :: else ->
        /* awaitSegment: a later number in our place says that ours is void. */
        d_step {
          directory[number % DIRECTORY].number >= number ->
          place[lane] = (directory[number % DIRECTORY].number == number ->
                         directory[number % DIRECTORY].segment : CLOSED);
          mark = directory[number % DIRECTORY].mark
        }
     fi;
     d_step { markOf(number, place[lane], mark, marks[lane]); mark = 0 };
     if
     :: place[lane] == CLOSED && (ticket + lane) % SEGMENT == 0 ->
        passOnClosed(number + 1);
        closeInbox(number)
     :: place[lane] != CLOSED && (ticket + lane) % SEGMENT == 0 ->
        openSegment(number + 1)
     :: else
     fi;
  fi;
  number = 0
}

inline writePacket(lane) {
  d_step {
    if
    :: place[lane] == CLOSED
    :: else ->
       /* Behind a refused lane of a row none gets in. */
       assert(lane == 0 || place[0] != CLOSED);
       at = place[lane] * SEGMENT + (ticket + lane) % SEGMENT;
       assert(!packets[at].isUnread);
       accepted[me]++;
       packets[at].sender = me;
       packets[at].sequence = sequence + lane + 1;
       packets[at].isUnread = true;
       packets[at].mark = marks[lane];
       note(filledAgain = reopened;)
       at = 0
    fi
  }
}

proctype Sender(byte me) {
  byte sequence = 0, count, number, mark, taken, takenMark, seenHead, at;
  byte place[ROW], marks[ROW];
  Entry seen[2];
  short ticket, seenTail;
  bool isVoid, seenClosed, exchanged;

  do
  :: sequence == MESSAGES -> break
  :: sequence < MESSAGES ->
     if
     :: count = 1
#if ROW > 1
     :: sequence + 1 < MESSAGES -> count = 2
#endif
     fi;
     reserve();
     locate(0);
#if ROW > 1
     if
     :: count > 1 -> locate(1)
     :: else
     fi;
     /* The pieces of a row have no order: here, the later packet first. */
     if
     :: count > 1 -> writePacket(1)
     :: else
     fi;
#endif
     writePacket(0);
     d_step {
       sequence = sequence + count;
       count = 0; ticket = 0; isVoid = false; exchanged = false;
       seenTail = 0; seenClosed = false; seenHead = 0;
       place[0] = 0; marks[0] = 0;
#if ROW > 1
       place[1] = 0; marks[1] = 0;
#endif
       seen[0].number = 0; seen[0].segment = 0; seen[0].mark = 0;
       seen[1].number = 0; seen[1].segment = 0; seen[1].mark = 0
     }
  od;
  sendersDone++
}

#define here packets[segment * SEGMENT + position]

inline receive() {
  d_step {
    assert(here.isUnread);                       /* not an old one */
    here.isUnread = false;
    assert(here.sequence > lastSequence[here.sender]); /* in order */
    lastSequence[here.sender] = here.sequence;
    received[here.sender]++;
    position++
  };
  if
  :: position == SEGMENT -> leaveSegment()
  :: else
  fi
}

inline leaveSegment() {
  d_step { number++; position = 0; reading = false; head = number };
  if
  :: segment >= HOME -> isFree[segment] = true
  :: else
  fi;
  d_step { segment = 0; mark = 0 }
}

inline start(itsSegment, poolsMark) {
  segment = itsSegment;
  markOf(number, segment, poolsMark, mark);
  position = 0;
  reading = true
}

inline reopen() {
  d_step { number = tail / SEGMENT + 1; closed = true };
  writeEntry(directory[number % DIRECTORY], number, number % HOME, 0);
  head = number;
  d_step { tail = number * SEGMENT; closed = false };
  d_step {
    note(reopened = true;)
    start(number % HOME, 0)
  }
}

/* Everything was handled and nothing more comes. */
#define drained (sendersDone == SENDERS && !closed && \
                 tail == number * SEGMENT + position)

proctype Receiver() {
  byte number = 1, position = 0, segment = 0, mark = 0, i;
  bool reading = false;

  do
  :: drained -> break
  :: reading && here.mark == mark -> receive()
  :: !reading && directory[number % DIRECTORY].number >= number ->
     if
     :: directory[number % DIRECTORY].number > number ||
        directory[number % DIRECTORY].segment == CLOSED -> reopen()
     :: else ->
        d_step {
          start(directory[number % DIRECTORY].segment,
                directory[number % DIRECTORY].mark)
        }
     fi
  od;
  atomic {
    i = 0;
    do
    :: i < SENDERS -> assert(received[i] == accepted[i]); i++
    :: else -> break
    od
  };
#ifdef REACH
  assert(!(spilled && closedBySender && passedOn && reopened && filledAgain))
#endif
}

/* Another inbox: takes a segment for a while, and uses it, now and then. */
proctype Thief() {
  byte taken, takenMark, turns = 0;
  do
  :: turns == 2 -> break
  :: turns < 2 ->
     takeSegment(taken, takenMark);
     if
     :: taken != CLOSED ->
        d_step {
          packets[taken * SEGMENT].mark = takenMark;
          packets[taken * SEGMENT + 1].mark = takenMark
        };
        isFree[taken] = true
     :: else
     fi;
     turns++
  od
}

init {
  byte i;
  atomic {
    directory[1].number = 1;
    directory[1].segment = 1 % HOME;
    for (i : HOME .. HOME + POOL - 1) { isFree[i] = true }
    run Receiver();
    for (i : 0 .. SENDERS - 1) { run Sender(i) }
    if
    :: THIEF -> run Thief()
    :: else
    fi
  }
}
