%% savina.erl - Savina's programs on Erlang
%%
%% SPDX-License-Identifier: Apache-2.0
%%
%% Each program does what its namesake in bench/savina does, written as Erlang
%% programs are. The clock runs from the message that starts a run to the
%% message that ends it. Prints one JSON object a line.
%%
%% usage: erl -noshell -s savina main -extra PARAMETERS [--quick] [PROGRAM]...
%%        PARAMETERS: the path of bench/savina/Parameters.def

-module(savina).
-export([main/0]).

main() ->
    halt(main(init:get_plain_arguments())).

main([File | Words]) ->
    Quick = lists:member("--quick", Words),
    Chosen = [Word || Word <- Words, Word =/= "--quick"],
    case [Name || Name <- Chosen, find(Name) =:= none] of
        [] ->
            io:format("{\"version\": \"Erlang/OTP ~s\", \"workers\": ~b, "
                      "\"quick\": ~s}~n",
                      [erlang:system_info(otp_release),
                       erlang:system_info(schedulers_online), Quick]),
            run_all(Chosen, parameters(File, Quick));
        [Unknown | _] ->
            usage("unknown argument: " ++ Unknown)
    end;
main([]) ->
    usage("the path of Parameters.def is missing").

usage(Mistake) ->
    io:format(standard_error,
              "savina: ~s~nUsage: savina PARAMETERS [--quick] [PROGRAM]...~n"
              "Programs (default: all):~n", [Mistake]),
    [io:format(standard_error, "  ~s~n", [Name])
     || {Name, _, _} <- programs()],
    2.

programs() ->
    [{"ping-pong", "pings and pongs counted", fun ping_pong/1},
     {"counting", "the counter's count", fun counting/1},
     {"fork-join-throughput", "count and sum of all workers",
      fun fork_join_throughput/1},
     {"fork-join-create", "count and sum of all actors",
      fun fork_join_create/1},
     {"thread-ring", "hops counted by token and nodes", fun thread_ring/1},
     {"big", "pings answered by all actors", fun big/1},
     {"skynet", "sum of all leaves", fun skynet/1}].

find(Name) ->
    case lists:keyfind(Name, 1, programs()) of
        false -> none;
        Program -> Program
    end.

run_all([], Parameters) ->
    run_all([Name || {Name, _, _} <- programs()], Parameters);
run_all(Names, Parameters) ->
    Good = [run(find(Name), Parameters) || Name <- Names],
    case lists:all(fun(Fine) -> Fine end, Good) of
        true -> 0;
        false -> 1
    end.

%% A program is a function that prepares and returns what to do in each run;
%% that checks its run and returns nanoseconds.
run({Name, Checked, Prepare}, Parameters) ->
    try
        Once = Prepare(Parameters),
        Once(), % warm-up
        Samples = [Once() / 1.0e6
                   || _ <- lists:seq(1, maps:get("Runs", Parameters))],
        print(Name, Checked, lists:sort(Samples)),
        true
    catch
        _:Reason ->
            io:format("{\"name\": \"savina-~s\", \"error\": \"~s\"}~n",
                      [Name, plain(Reason)]),
            false
    end.

%% Text without what JSON would have to escape.
plain(Reason) ->
    [Char || Char <- lists:flatten(io_lib:format("~0p", [Reason])),
             Char =/= $", Char =/= $\\].

print(Name, Checked, Sorted) ->
    Median = quantile(Sorted, 0.5),
    io:format("{\"name\": \"savina-~s\", \"value\": ~.4f, \"unit\": \"ms\", "
              "\"p50\": ~.4f, \"p99\": ~.4f, \"runs\": ~b, "
              "\"checked\": \"~s\"}~n",
              [Name, Median, Median, quantile(Sorted, 0.99), length(Sorted),
               Checked]).

%% As in bench/common/Rows.h.
quantile(Sorted, Share) ->
    lists:nth(trunc(Share * (length(Sorted) - 1) + 0.5) + 1, Sorted).

%% Reads SAVINA_PARAMETER(name, value, value of a quick run).
parameters(File, Quick) ->
    {ok, Text} = file:read_file(File),
    {match, Found} =
        re:run(Text, "^SAVINA_PARAMETER\\((\\w+), (\\d+), (\\d+)\\)",
               [global, multiline, {capture, all_but_first, list}]),
    Pick = case Quick of true -> 3; false -> 2 end,
    maps:from_list([{hd(Row), list_to_integer(lists:nth(Pick, Row))}
                    || Row <- Found]).

get(Name, Parameters) ->
    maps:get(Name, Parameters).

%% Returns {Answer, Nanoseconds}; the run ends with {done, Answer}.
timed(Start) ->
    Begin = erlang:monotonic_time(nanosecond),
    Start(),
    receive
        {done, Answer} ->
            {Answer, erlang:monotonic_time(nanosecond) - Begin}
    after 60000 ->
        error("the run did not end within a minute")
    end.

require(true, _) -> ok;
require(false, What) -> error("check failed: " ++ What).

ask_tally(Actor) ->
    Actor ! {tally, self()},
    receive {tally_of, Actor, Count} -> Count end.

compute(Theta) ->
    Sine = math:sin(Theta),
    Sine * Sine.

theta() -> 37.2.

is_sum_of_work({Count, Sum}, Expected) ->
    Right = Expected * compute(theta()),
    Count =:= Expected andalso abs(Sum - Right) < 1.0e-9 * Right.

%% Ping-pong

ping_pong(Parameters) ->
    Trips = get("PingPongTrips", Parameters),
    Self = self(),
    fun() ->
        Ponger = spawn(fun() -> ponger(0) end),
        Pinger = spawn(fun() ->
                           receive {start, Count, Asker} ->
                               Ponger ! {ping, self()},
                               pinger(Ponger, Count, 0, Asker)
                           end
                       end),
        {Pongs, Time} = timed(fun() -> Pinger ! {start, Trips, Self} end),
        require(Pongs =:= Trips, "every pong came"),
        require(ask_tally(Ponger) =:= Trips, "every ping came"),
        Ponger ! stop,
        Time
    end.

pinger(Ponger, Left, Received, Asker) ->
    receive
        pong when Left > 1 ->
            Ponger ! {ping, self()},
            pinger(Ponger, Left - 1, Received + 1, Asker);
        pong ->
            Asker ! {done, Received + 1}
    end.

ponger(Received) ->
    receive
        {ping, From} ->
            From ! pong,
            ponger(Received + 1);
        {tally, From} ->
            From ! {tally_of, self(), Received},
            ponger(Received);
        stop ->
            ok
    end.

%% Counting

counting(Parameters) ->
    Messages = get("CountingMessages", Parameters),
    Self = self(),
    fun() ->
        Counter = spawn(fun() -> counter(0) end),
        Producer = spawn(fun() ->
                             receive {start, Count, Asker} ->
                                 produce(Counter, Count),
                                 Asker ! {done, ask_tally(Counter)}
                             end
                         end),
        {Count, Time} = timed(fun() -> Producer ! {start, Messages, Self} end),
        require(Count =:= Messages, "every message was counted"),
        Counter ! stop,
        Time
    end.

produce(_, 0) -> ok;
produce(Counter, Left) ->
    Counter ! increment,
    produce(Counter, Left - 1).

counter(Count) ->
    receive
        increment ->
            counter(Count + 1);
        {tally, From} ->
            From ! {tally_of, self(), Count},
            counter(Count);
        stop ->
            ok
    end.

%% Fork-join

fork_join_throughput(Parameters) ->
    Messages = get("ThroughputMessages", Parameters),
    Workers = [spawn(fun() -> worker(0, 0.0) end)
               || _ <- lists:seq(1, get("ThroughputActors", Parameters))],
    Driver = spawn(fun driver/0),
    Self = self(),
    fun() ->
        {Done, Time} =
            timed(fun() -> Driver ! {start, Messages, Workers, Self} end),
        require(is_sum_of_work(Done, Messages * length(Workers)),
                "all work was done once"),
        Time
    end.

worker(Count, Sum) ->
    receive
        {work, Theta} ->
            worker(Count + 1, Sum + compute(Theta));
        {join, Driver} ->
            Driver ! {work_done, Count, Sum},
            worker(0, 0.0)
    end.

driver() ->
    receive
        {start, Messages, Workers, Asker} ->
            give_work(Messages, Workers),
            [Worker ! {join, self()} || Worker <- Workers],
            Asker ! {done, join(length(Workers), 0, 0.0)},
            driver()
    end.

give_work(0, _) -> ok;
give_work(Left, Workers) ->
    give_one(Workers),
    give_work(Left - 1, Workers).

give_one([]) -> ok;
give_one([Worker | Rest]) ->
    Worker ! {work, theta()},
    give_one(Rest).

join(0, Count, Sum) -> {Count, Sum};
join(Left, Count, Sum) ->
    receive
        {work_done, More, Part} -> join(Left - 1, Count + More, Sum + Part)
    end.

fork_join_create(Parameters) ->
    Actors = get("CreateActors", Parameters),
    Creator = spawn(fun creator/0),
    Self = self(),
    fun() ->
        {Done, Time} = timed(fun() -> Creator ! {start, Actors, Self} end),
        require(is_sum_of_work(Done, Actors), "every actor did its work"),
        Time
    end.

creator() ->
    receive
        {start, Actors, Asker} ->
            create(Actors, self()),
            Asker ! {done, join(Actors, 0, 0.0)},
            creator()
    end.

create(0, _) -> ok;
create(Left, Creator) ->
    Child = spawn(fun() ->
                      receive {work, Theta} ->
                          Creator ! {work_done, 1, compute(Theta)}
                      end
                  end),
    Child ! {work, theta()},
    create(Left - 1, Creator).

%% Thread ring

thread_ring(Parameters) ->
    Hops = get("RingHops", Parameters),
    Ring = [spawn(fun() -> receive {next, Next} -> ring_node(Next, 0) end end)
            || _ <- lists:seq(1, get("RingActors", Parameters))],
    [Node ! {next, Next}
     || {Node, Next} <- lists:zip(Ring, tl(Ring) ++ [hd(Ring)])],
    Self = self(),
    fun() ->
        Before = lists:sum([ask_tally(Node) || Node <- Ring]),
        {Made, Time} = timed(fun() -> hd(Ring) ! {start, Hops, Self} end),
        require(Made =:= Hops, "the token made its hops"),
        After = lists:sum([ask_tally(Node) || Node <- Ring]),
        require(After - Before =:= Hops, "the nodes counted every hop"),
        Time
    end.

ring_node(Next, Received) ->
    receive
        {token, 0, Made, Asker} ->
            Asker ! {done, Made},
            ring_node(Next, Received + 1);
        {token, Left, Made, Asker} ->
            Next ! {token, Left - 1, Made + 1, Asker},
            ring_node(Next, Received + 1);
        {start, Hops, Asker} ->
            Next ! {token, Hops - 1, 1, Asker},
            ring_node(Next, Received);
        {tally, From} ->
            From ! {tally_of, self(), Received},
            ring_node(Next, Received)
    end.

%% Big

big(Parameters) ->
    Pings = get("BigPings", Parameters),
    Count = get("BigActors", Parameters),
    List = [spawn(fun big_begin/0) || _ <- lists:seq(1, Count)],
    Actors = list_to_tuple(List),
    [Actor ! {setup, Actors, Index}
     || {Index, Actor} <- lists:zip(lists:seq(0, Count - 1), List)],
    Self = self(),
    fun() ->
        Before = lists:sum([ask_tally(Actor) || Actor <- List]),
        Sink = spawn(fun() -> big_sink(List, Pings, Self) end),
        {Finished, Time} = timed(fun() -> Sink ! start end),
        require(Finished =:= Count, "every actor finished"),
        After = lists:sum([ask_tally(Actor) || Actor <- List]),
        require(After - Before =:= Pings * Count, "every ping was answered"),
        Time
    end.

big_sink(Actors, Pings, Asker) ->
    receive start -> ok end,
    [Actor ! {go, Pings, self()} || Actor <- Actors],
    [receive finished -> ok end || _ <- Actors],
    Asker ! {done, length(Actors)}.

big_begin() ->
    receive
        {setup, Actors, Index} ->
            big_actor({Actors, Index}, none, Index, 0, 0)
    end.

big_actor(Setup, Sink, Random, Left, Answered) ->
    receive
        {ping, From} ->
            From ! pong,
            big_actor(Setup, Sink, Random, Left, Answered + 1);
        pong when Left > 1 ->
            big_actor(Setup, Sink, big_ping(Setup, Random), Left - 1, Answered);
        pong ->
            Sink ! finished,
            big_actor(Setup, Sink, Random, 0, Answered);
        {go, Pings, NewSink} ->
            big_actor(Setup, NewSink, big_ping(Setup, Random), Pings, Answered);
        {tally, From} ->
            From ! {tally_of, self(), Answered},
            big_actor(Setup, Sink, Random, Left, Answered)
    end.

%% The generator of bench/savina/Parameters.h.
big_ping({Actors, Index}, Random) ->
    Next = (Random * 1664525 + 1013904223) band 16#ffffffff,
    Other = (Next bsr 16) rem (tuple_size(Actors) - 1),
    Place = if Other < Index -> Other; true -> Other + 1 end,
    element(Place + 1, Actors) ! {ping, self()},
    Next.

%% Skynet

skynet(Parameters) ->
    Leaves = get("SkynetLeaves", Parameters),
    Children = get("SkynetChildren", Parameters),
    Self = self(),
    fun() ->
        Start = fun() -> spawn_node(root, Self, 0, Leaves, Children) end,
        {Sum, Time} = timed(Start),
        require(Sum =:= Leaves * (Leaves - 1) div 2, "sum of all leaves"),
        Time
    end.

spawn_node(Kind, Parent, First, Leaves, Children) ->
    spawn(fun() ->
              Sum = skynet_node(First, Leaves, Children),
              Parent ! {case Kind of root -> done; inner -> sum end, Sum}
          end).

skynet_node(First, 1, _) -> First;
skynet_node(First, Leaves, Children) ->
    Part = Leaves div Children,
    [spawn_node(inner, self(), First + I * Part, Part, Children)
     || I <- lists:seq(0, Children - 1)],
    skynet_join(Children, 0).

skynet_join(0, Sum) -> Sum;
skynet_join(Left, Sum) ->
    receive {sum, Part} -> skynet_join(Left - 1, Sum + Part) end.
