/*
 * Inbox.pml - the inbox of runtime/device/common/Inbox.h
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Senders draw tickets; segments are opened one ahead, from a shared pool; an
 * inbox that finds no segment is closed and opened again at a later number.
 * Every shared access is one step, so all interleavings are explored, under
 * sequential consistency (docs/memory-model.md argues the orders).
 *
 * Checked: each accepted message is received exactly once, messages of one
 * sender in order, refused ones never, nobody is stuck (no invalid end state).
 * With -DREACH it must fail: it shows that closing and reopening is reached.
 * With -DLATE_CLOSE it must fail: it shows that the check can see a mistake.
 *
 * Names follow the C++: place, openSegment, passOnClosed, closeInbox, reopen.
 */

#ifndef SENDERS
#define SENDERS 2
#endif
#ifndef MESSAGES
#define MESSAGES 4          /* sent by each sender */
#endif
#ifndef POOL
#define POOL 2              /* segments, one of which the inbox starts with */
#endif
#ifndef THIEF
#define THIEF 0             /* 1: another inbox takes and returns a segment */
#endif
#define SEGMENT 2           /* packets in a segment */
#define DIRECTORY 8         /* entries */
#define SHARE 3             /* segments that an inbox may hold */
#define CLOSED 255

short tail = SEGMENT;       /* the first ticket of number 1 */
bool closed = false;        /* the top bit of tail: changed in one step with it */
byte head = 1;

byte entryNumber[DIRECTORY];
byte entrySegment[DIRECTORY];
byte entryMark[DIRECTORY];

bool isFree[POOL];
byte uses[POOL];

byte packetMark[POOL * SEGMENT];
byte packetSender[POOL * SEGMENT];
byte packetSequence[POOL * SEGMENT];

byte accepted[SENDERS];
byte received[SENDERS];
byte lastSequence[SENDERS];
byte sendersDone = 0;
bool reopened = false;

inline takeSegment(segment) {
  d_step {
    segment = CLOSED;
    free = 0;
    do
    :: free < POOL && isFree[free] -> isFree[free] = false; segment = free; break
    :: free < POOL && !isFree[free] -> free++
    :: free >= POOL -> break
    od
  }
}

/* One directory entry is 64 bits: written and read in one step. */
inline setEntry(number, segment, mark) {
  d_step {
    entryNumber[(number) % DIRECTORY] = number;
    entrySegment[(number) % DIRECTORY] = segment;
    entryMark[(number) % DIRECTORY] = mark
  }
}

inline openSegment(number) {
  seenHead = head;
  if
  :: (number) - seenHead < SHARE -> takeSegment(taken)
  :: else -> taken = CLOSED
  fi;
  if
  :: taken == CLOSED -> setEntry(number, CLOSED, 1)
  :: else ->
     d_step { use = uses[taken]; uses[taken]++ }
     setEntry(number, taken, use + 1)
  fi
}

inline passOnClosed(number) {
  d_step {
    if
    :: entryNumber[(number) % DIRECTORY] < (number) ->
       entryNumber[(number) % DIRECTORY] = number;
       entrySegment[(number) % DIRECTORY] = CLOSED
    :: else
    fi
  }
}

#ifdef LATE_CLOSE
/* The mistake that the exchange avoids: closing without looking again. */
inline closeInbox(number) { closed = true }
#else
inline closeInbox(number) {
  do
  :: d_step { seenTail = tail; seenClosed = closed };
     if
     :: seenClosed -> break
     :: else
     fi;
     seenHead = head;
     if
     :: seenHead > number -> break
     :: else
     fi;
     d_step {
       exchanged = (tail == seenTail && !closed);
       if
       :: exchanged -> closed = true
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

proctype Sender(byte me) {
  byte sequence = 0, number, offset, segment, mark, taken, use, free;
  byte seenHead;
  short ticket, seenTail;
  bool seenClosed, exchanged;

  do
  :: sequence == MESSAGES -> break
  :: else ->
     sequence++;
     d_step { ticket = tail; seenClosed = closed; tail++ };
     if
     :: seenClosed                     /* void: refused at once */
     :: else ->
        number = ticket / SEGMENT;
        offset = ticket % SEGMENT;
        /* findSegment: wait until the place holds this number or a later */
        entryNumber[number % DIRECTORY] >= number;
        d_step {
          segment = entrySegment[number % DIRECTORY];
          mark = entryMark[number % DIRECTORY];
          if
          :: entryNumber[number % DIRECTORY] > number -> segment = CLOSED
          :: else
          fi
        };
        if
        :: segment == CLOSED ->
           if
           :: offset == 0 -> passOnClosed(number + 1); closeInbox(number)
           :: else
           fi
        :: else ->
           if
           :: offset == 0 -> openSegment(number + 1)
           :: else
           fi;
           d_step {
             accepted[me]++;
             packetSender[segment * SEGMENT + offset] = me;
             packetSequence[segment * SEGMENT + offset] = sequence;
             packetMark[segment * SEGMENT + offset] = mark
           }
        fi
     fi
  od;
  sendersDone++
}

inline receive() {
  d_step {
    from = packetSender[segment * SEGMENT + position];
    sequence = packetSequence[segment * SEGMENT + position];
    assert(sequence > lastSequence[from]);      /* in order, no duplicate */
    lastSequence[from] = sequence;
    received[from]++;
    assert(received[from] <= accepted[from])
  };
  position++;
  if
  :: position == SEGMENT ->
     number++;
     position = 0;
     reading = false;
     head = number
  :: else
  fi
}

inline reopen() {
  d_step { seenTail = tail; closed = true };
  first = seenTail / SEGMENT + 1;
  d_step { use = uses[segment]; uses[segment]++ };
  setEntry(first, segment, use + 1);
  head = first;
  d_step { tail = first * SEGMENT; closed = false };
  number = first;
  mark = use + 1;
  position = 0;
  reading = true;
  reopened = true
}

/* Everything was handled and nothing more comes. */
#define drained (sendersDone == SENDERS && !closed && \
                 tail == number * SEGMENT + position)

proctype Receiver() {
  byte number = 1, position = 0, segment = CLOSED, mark = 0;
  byte found, foundSegment, foundMark, from, sequence, use;
  short seenTail, first;
  bool reading = false;

  do
  :: drained -> break
  :: reading && packetMark[segment * SEGMENT + position] == mark -> receive()
  :: !reading && entryNumber[number % DIRECTORY] >= number ->
     d_step {
       found = entryNumber[number % DIRECTORY];
       foundSegment = entrySegment[number % DIRECTORY];
       foundMark = entryMark[number % DIRECTORY]
     };
     if
     :: found > number || foundSegment == CLOSED -> reopen()
     :: else ->
        if
        :: segment != CLOSED -> isFree[segment] = true
        :: else
        fi;
        segment = foundSegment;
        mark = foundMark;
        position = 0;
        reading = true
     fi
  od;
  atomic {
    from = 0;
    do
    :: from < SENDERS -> assert(received[from] == accepted[from]); from++
    :: else -> break
    od
  };
#ifdef REACH
  assert(!reopened)
#endif
}

/* Another inbox: takes a segment for a while, now and then. */
proctype Thief() {
  byte taken, free, turns = 0;
  do
  :: turns == 2 -> break
  :: else ->
     takeSegment(taken);
     if
     :: taken != CLOSED -> isFree[taken] = true
     :: else
     fi;
     turns++
  od
}

init {
  byte i;
  atomic {
    entryNumber[1] = 1;
    entrySegment[1] = 0;
    entryMark[1] = 1;
    uses[0] = 1;
    for (i : 1 .. POOL - 1) { isFree[i] = true }
    run Receiver();
    for (i : 0 .. SENDERS - 1) { run Sender(i) }
    if
    :: THIEF -> run Thief()
    :: else
    fi
  }
}
