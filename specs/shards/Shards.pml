/*
 * Shards.pml - shards that change their worker: runtime/device/common/Shards.h
 * and Balancer.h
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Three workers and the balancer. One shard goes from worker 0 to worker 1, and
 * back in the next round. Chains of messages run through the workers: whoever
 * has a chain's token sends the next numbered message to the shard and passes
 * the token to any worker, itself included. So the numbers are in the order of
 * cause and effect, over whatever ways. Every shared access is one step, under
 * sequential consistency (docs/rationale/moving-shards.md argues the orders).
 * An inbox is a channel here: Inbox.pml has its inside.
 *
 * Checked, beside that nobody is stuck (no invalid end state):
 *   - the shard's messages of a chain are handled in the order of their
 *     numbers, each once;
 *   - whoever finds all handled tickets, and then all tails, equal, was at a
 *     moment in between at which nothing waited, ran or was held back.
 *
 * With -DREACH it must fail: it shows that messages are held back, that the new
 * worker leaves messages in its inbox since it can hold no more, that the old
 * one handles messages meanwhile, and that both tables are used, in one run.
 * Known mistakes, each of which must be seen:
 *   -DLATE_WATCH    agents take the new table some time, not behind their next
 *                   look at their inbox
 *   -DNO_HOLD       the new worker handles what comes
 *   -DEARLY_SWITCH  the table is switched before all know that it will be
 *   -DEARLY_LAST    the last ticket is taken before all have the new table
 *   -DNO_DRAIN      the old worker lets go with messages left
 *   -DBLIND_IDLE    what is held back counts as handled
 *
 * Names follow the C++: followPhase, watchForSwitch, holdBack, handOver.
 */

#ifndef CHAINS
#define CHAINS 1
#endif
#ifndef MESSAGES
#define MESSAGES 4          /* of each chain */
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef HELD
#define HELD 1              /* messages that can be held back */
#endif
#ifndef HOST
#define HOST 0              /* 1: somebody asks whether all is idle */
#endif
#define WORKERS 3
#define ROOM (2 * CHAINS * MESSAGES)

mtype = { token, item };
typedef Inbox { chan packets = [ROOM] of { mtype, byte, byte } }
Inbox inbox[WORKERS];
byte tail[WORKERS];         /* tickets drawn */
byte handled[WORKERS];      /* as published */

/* What the balancer and the workers share. */
byte table[2];              /* the shard's worker, for each table */
byte step = 0;              /* of the phase word */
byte round = 0;
byte acknowledged[WORKERS];
byte receiver = WORKERS;    /* who receives in this round */
bool isHere, isFinished;

/* Ghosts. */
byte expected[CHAINS];
byte inFlight = 0;
byte chainsDone = 0;
bool roundsDone = false;
#define allDone (chainsDone == CHAINS && roundsDone && inFlight == 0)
#ifdef REACH
bool heldBack, leftInInbox, oldHandles, bothUsed;
#define note(what) what
#else
#define note(what)
#endif

#define announcement(r) (4 * (r) + 1)
#define switching(r) (4 * (r) + 2)
#define releasing(r) (4 * (r) + 3)

inline send(to, kind, chain, number) {
  d_step {
    inFlight++;
    tail[to]++;
    inbox[to].packets!kind, chain, number
  }
}

inline handleItem() {
  d_step {
    assert(number == expected[chain]);          /* in order, and once */
    expected[chain]++;
    inFlight--;
#ifdef REACH
    if
    :: round > 0 && me == table[(round + 1) % 2] && isFinished == false &&
       heldBack -> oldHandles = true
    :: else
    fi;
#endif
  }
}

/* Runs the handler of a token. */
inline handleToken() {
  send(table[myRound % 2], item, chain, number);
  if
  :: number + 1 < MESSAGES ->
     if
     :: to = 0
     :: to = 1
     :: to = 2
     fi;
     send(to, token, chain, number + 1)
  :: else -> chainsDone++
  fi;
  d_step { inFlight--; to = 0 }
}

inline followPhase() {
  seen = step;
  if
  :: seen % 4 == 1 ->
     isWatching = true;
     if
     :: receiver == me -> isHolding = true
     :: else
     fi
  :: else
  fi;
  acknowledged[me] = seen
}

inline watchForSwitch() {
  if
  :: isWatching ->
     if
#ifdef LATE_WATCH
     :: true                                    /* another time */
#endif
     :: round != myRound ->
        d_step {
          note(bothUsed = (bothUsed || round == 2);)
          myRound = round; isWatching = false
        };
        acknowledged[me] = switching(myRound)
     :: round == myRound
     fi
  :: else
  fi
}

inline publish() {
#ifdef BLIND_IDLE
  handled[me] = taken
#else
  handled[me] = taken - (heldCount - heldHandled)
#endif
}

/* One turn: at most one packet. */
inline turn() {
  kind = 0;
  if
  :: nempty(inbox[me].packets) -> inbox[me].packets?<kind, chain, number>
  :: empty(inbox[me].packets)
  fi;
  watchForSwitch();
  if
  :: isHolding && isHere && heldHandled < heldCount ->
     d_step { chain = heldChain[heldHandled]; number = heldNumber[heldHandled] };
     handleItem();
     heldHandled++;
     publish()
  :: isHolding && isHere && heldHandled == heldCount ->
     d_step { isHolding = false; heldCount = 0; heldHandled = 0 };
     isFinished = true
  :: isHolding && !isHere && kind == item ->
     if
     :: heldCount == HELD ->                    /* stays in the inbox */
        note(leftInInbox = true;)
        isFull = true
     :: heldCount < HELD ->
        d_step {
          inbox[me].packets?_, _, _;
          taken++;
          note(heldBack = true;)
          heldChain[heldCount] = chain;
          heldNumber[heldCount] = number;
          heldCount++
        };
        publish()
     fi
  :: else ->
     if
     :: kind == item -> handleItem()
     :: kind == token -> handleToken()
     :: else
     fi;
     if
     :: kind != 0 ->
        d_step { inbox[me].packets?_, _, _; taken++ };
        publish()
     :: else
     fi
  fi;
  d_step { kind = 0; chain = 0; number = 0 }
}

#define hasWork ((nempty(inbox[me].packets) && !isFull) || \
                 (isWatching && round != myRound) || (isHolding && isHere))

proctype Worker(byte me) {
  byte myRound = 0, seen = 0, taken = 0, chain, number, to;
  byte heldCount = 0, heldHandled = 0;
  byte heldChain[HELD], heldNumber[HELD];
  mtype kind = 0;
  bool isWatching, isHolding, isFull;

  do
  :: allDone -> break
  :: step != seen -> followPhase()
  :: hasWork -> isFull = false; turn()
  od
}

#ifdef NO_HOLD
#define holds(who) WORKERS
#else
#define holds(who) who
#endif

#define all(value) (acknowledged[0] == value && acknowledged[1] == value && \
                    acknowledged[2] == value)

proctype Balancer() {
  byte next = 1, from = 0, last;
  do
  :: next > ROUNDS -> break
  :: next <= ROUNDS ->
     /* announce */
     d_step {
       from = table[round % 2];
       table[next % 2] = 1 - from;
       receiver = holds(1 - from);
       isHere = false;
       isFinished = (receiver == WORKERS);
     };
     step = announcement(next);
#ifndef EARLY_SWITCH
     all(announcement(next));
#endif
     /* switchTable */
#ifdef EARLY_LAST
     last = tail[from];
#endif
     round = next;
     all(switching(next));
     /* noteLastTickets */
#ifndef EARLY_LAST
     last = tail[from];
#endif
#ifndef NO_DRAIN
     handled[from] >= last;
#endif
     step = releasing(next);
     acknowledged[from] == releasing(next);
     /* handOver */
     isHere = true;
     isFinished && all(releasing(next));
     /* endRound */
     d_step {
       table[(next + 1) % 2] = 1 - from;
       receiver = WORKERS;
       isHere = false;
       next++
     }
  od;
  roundsDone = true;
#ifdef REACH
  assert(!(heldBack && leftInInbox && oldHandles && bothUsed))
#endif
}

/* Asks once, at any time, whether all is idle. */
proctype Host() {
  byte seen[WORKERS], i, between;
  bool isQuiet = true;
  for (i : 0 .. WORKERS - 1) { seen[i] = handled[i] };
  between = inFlight;
  for (i : 0 .. WORKERS - 1) {
    if
    :: seen[i] != tail[i] -> isQuiet = false
    :: else
    fi
  };
  assert(!isQuiet || between == 0)
}

init {
  byte i;
  atomic {
    table[0] = 0;
    table[1] = 0;
    for (i : 0 .. CHAINS - 1) {
      inFlight++;
      tail[2]++;
      inbox[2].packets!token, i, 0
    }
    for (i : 0 .. WORKERS - 1) { run Worker(i) }
    run Balancer();
    if
    :: HOST -> run Host()
    :: else
    fi
  }
}
