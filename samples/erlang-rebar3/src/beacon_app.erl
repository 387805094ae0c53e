-module(beacon_app).
-behaviour(application).
-export([start/2, stop/1, init/2]).

start(_Type, _Args) ->
    {ok, Port} = application:get_env(beacon, port),
    Routes = cowboy_router:compile([{'_', [{"/light/:name", ?MODULE, []}]}]),
    cowboy:start_clear(http, [{port, Port}], #{env => #{dispatch => Routes}}).

stop(_State) ->
    cowboy:stop_listener(http).

init(Request, State) ->
    Name = cowboy_req:binding(name, Request),
    Reply = cowboy_req:reply(200, #{}, <<"the light of ", Name/binary, " is on\n">>, Request),
    {ok, Reply, State}.
