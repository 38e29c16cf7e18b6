/*
 * ReplySlots.pml - requests of the host whose answers come in slots
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A request has a row of runtime/host/ReplyTable.h and a token: the row and its
 * generation. The device writes a small answer into the row's slot, marked with
 * the generation (putReplySlot of runtime/device/common/Outbound.h), without
 * asking anybody; so the host must not give the row to another request before
 * the answer has come. Requests end by their answer, at their deadline, or by
 * being given up. A deferred answer may by mistake be given twice: `answered`
 * tells the second (answerHostLater of Calls.cpp).
 *
 * There is one row: rows share nothing. Every request is answered in the end.
 *
 * Checked, beside that nobody is stuck (no invalid end state):
 *   - an answer is written only while its request has the row, or while the row
 *     is out of use because of it, and only once;
 *   - an answer that ends a request is that request's own;
 *   - in the end the row is in use again.
 *
 * With -DREACH it must fail: it shows that in one run an answer comes late, its
 * row is used again, and a second answer is stopped. Known mistakes, each of
 * which must be seen:
 *   -DNO_QUARANTINE  the row is used again although its answer has not come
 *   -DNO_ANSWERED    second answers are not stopped
 *   -DEXCHANGE       `answered` holds the last mark, not the newest: a second
 *                    answer is missed once the row's next request was answered
 */

#ifndef REQUESTS
#define REQUESTS 3
#endif

mtype = { Free, Waiting, Filling, Done };

mtype phase = Free;         /* with the generation: changed in one step */
byte generation = 1;
bool expired;               /* the status of a row that is done */
byte content;               /* the request whose answer is in the row */

bool isFree = true;         /* under the table's lock, as is `late` */
byte late = 0;              /* the generation whose answer is awaited, or 0 */

/* The slot: its mark, and whose answer it holds. */
byte slotMark, slotRequest;

byte answered;              /* device memory */

byte written[REQUESTS + 1];
byte ended = 0;

#ifdef REACH
bool cameLate, usedAgain, stopped;
#define note(what) what
#else
#define note(what)
#endif

inline claim(mark) {
  d_step {
    claimed = (phase == Waiting && generation == mark);
    if
    :: claimed -> phase = Filling
    :: else
    fi
  }
}

inline complete(mark, isExpiry) {
  claim(mark);
  if
  :: claimed ->
     d_step { expired = isExpiry; content = found; phase = Done }
  :: else
  fi
}

/* Ends a request with the answer in its slot, if it is there. */
inline collect(mark) {
  d_step { found = (slotMark == mark -> slotRequest : 0) };
  if
  :: found != 0 -> complete(mark, false)
  :: else
  fi
}

inline freeRow(mark, isAnswered) {
  d_step { generation = mark + 1; phase = Free; content = 0 };
  d_step {
    if
#ifndef NO_QUARANTINE
    :: !isAnswered -> late = mark
#endif
    :: else -> isFree = true
    fi
  }
}

/* The host's threads, one after the other: each asks, waits, and takes its
 * answer or gives up. */
proctype Asker() {
  byte request = 0, mark, found;
  bool claimed;
  do
  :: request == REQUESTS -> break
  :: request < REQUESTS && isFree ->
     isFree = false;
     request++;
     d_step { mark = generation; phase = Waiting };
     note(usedAgain = (mark > 1);)
     if /* how it is answered */
     :: run AtOnce(request, mark)
     :: atomic { run Later(request, mark); run Later(request, mark) }
     fi;
     do
     :: phase == Done ->
        assert(generation == mark);
        assert(expired || content == request);
        claimed = expired;
        freeRow(mark, !claimed);
        break
     :: phase != Done && slotMark == mark -> collect(mark)
     :: phase != Done ->                      /* giveUp */
        claim(mark);
        if
        :: claimed -> freeRow(mark, false)
        :: !claimed && phase == Done ->       /* somebody was filling it */
           claimed = expired;
           freeRow(mark, !claimed)
        fi;
        break
     od;
     ended++;
     d_step { mark = 0; found = 0; claimed = false }
  od
}

/* Deadlines, and answers that come late. */
proctype Service() {
  byte mark, found;
  bool claimed;
  do
  :: ended == REQUESTS && late == 0 -> break
  :: d_step { phase == Waiting -> mark = generation }; /* expireChunk */
     collect(mark);
     if
     :: found == 0 -> complete(mark, true)
     :: else
     fi;
     d_step { mark = 0; found = 0; claimed = false }
  :: d_step { late != 0 && slotMark == late ->         /* reclaim */
       late = 0;
       note(cameLate = true;)
       isFree = true
     }
  od;
  assert(isFree);
#ifdef REACH
  assert(!(cameLate && usedAgain && stopped))
#endif
}

inline write(request, mark) {
  d_step {
    /* The request has the row, or has just left it, or it is out of use. */
    assert(late == mark || (generation == mark && phase != Free) ||
           (generation == mark + 1 && phase == Free && !isFree && late == 0));
    assert(written[request] == 0);
    written[request]++;
    slotMark = mark;
    slotRequest = request
  }
}

/* The handler returns its answer. */
proctype AtOnce(byte request; byte mark) { write(request, mark) }

/* An actor answers later; if two do, the second must be stopped. */
proctype Later(byte request; byte mark) {
  bool isSecond;
  d_step {
#ifdef NO_ANSWERED
    isSecond = false
#else
#ifdef EXCHANGE
    isSecond = (answered == mark);
    answered = mark
#else
    isSecond = (answered >= mark);
    answered = (answered > mark -> answered : mark)
#endif
#endif
  };
  if
  :: isSecond -> note(stopped = true;)
     skip
  :: else -> write(request, mark)
  fi
}

init {
  atomic {
    run Asker();
    run Service()
  }
}
