package redislimit

import (
	"crypto/sha1"
	"encoding/hex"
)

// A script is a Lua script and what EVALSHA calls it.
type script struct{ source, hash string }

func newScript(source string) script {
	sum := sha1.Sum([]byte(source)) // as EVALSHA asks for
	return script{source: source, hash: hex.EncodeToString(sum[:])}
}

// The scripts keep for each key the time at which its last attempt is forgotten, which is
// the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371).
//
// The last key is a mark. Its value is the time at which it was made, in microseconds, and
// every script returns it. A mark that has changed says that Redis has lost its data.
//
// Nanoseconds since 1970 do not fit into Lua's numbers, which are exact up to 2^53. So a
// time is two numbers, seconds and nanoseconds, and is stored as seconds.nanoseconds. Each
// attempt has four arguments: what one attempt takes to come back, and what all of them
// take, in seconds and nanoseconds.
const common = `
local time = redis.call('TIME')
local now_s, now_n = tonumber(time[1]), tonumber(time[2]) * 1000
local stored = redis.call('MGET', unpack(KEYS))
local seconds, nanos = {}, {} -- by key, as this call leaves them
local count = #KEYS - 1

local mark = tonumber(stored[#KEYS] or '')
if not mark then
  mark = now_s * 1000000 + now_n / 1000
  redis.call('SET', KEYS[#KEYS], string.format('%d', mark), 'EX', 34560000) -- 400 days
end

local function later(s, n, than_s, than_n)
  return s > than_s or s == than_s and n > than_n
end

local function plus(s, n, more_s, more_n)
  s, n = s + more_s, n + more_n
  if n >= 1000000000 then return s + 1, n - 1000000000 end
  return s, n
end

local function minus(s, n, less_s, less_n)
  s, n = s - less_s, n - less_n
  if n < 0 then return s - 1, n + 1000000000 end
  return s, n
end

-- The time of a key, or now if its attempts are forgotten. A time further ahead than the
-- rate can take it was written before a clock was set back, and is forgotten too.
local function free(i, per_s, per_n)
  local key = KEYS[i]
  if seconds[key] then return seconds[key], nanos[key] end
  if not stored[i] then return now_s, now_n end
  local s, n = tonumber(string.sub(stored[i], 1, -11)), tonumber(string.sub(stored[i], -9))
  if not s or not n or not later(s, n, now_s, now_n) then return now_s, now_n end
  local most_s, most_n = plus(now_s, now_n, per_s, per_n)
  if later(s, n, most_s, most_n) then return now_s, now_n end
  return s, n
end

-- Writes what is left of each key, with an end: a millisecond after the attempts are
-- forgotten.
local function write()
  for key, s in pairs(seconds) do
    local n = nanos[key]
    if later(s, n, now_s, now_n) then
      local ms = (s - now_s) * 1000 + math.ceil((n - now_n) / 1000000) + 1
      redis.call('SET', key, string.format('%d.%09d', s, n), 'PX', string.format('%d', ms))
    else
      redis.call('DEL', key)
    end
  end
end
`

// take answers with the refused attempt, counted from 0, or -1, with its wait in seconds and
// nanoseconds, and with the mark.
var take = newScript(common + `
local refused, wait_s, wait_n = -1, 0, 0
for i = 1, count do
  local key, a = KEYS[i], 4 * i
  local per_s, per_n = tonumber(ARGV[a - 1]), tonumber(ARGV[a])
  local s, n = free(i, per_s, per_n)
  s, n = plus(s, n, tonumber(ARGV[a - 3]), tonumber(ARGV[a - 2]))
  seconds[key], nanos[key] = s, n
  s, n = minus(s, n, now_s, now_n)
  s, n = minus(s, n, per_s, per_n)
  if later(s, n, wait_s, wait_n) then refused, wait_s, wait_n = i - 1, s, n end
end
if refused < 0 then write() end
return {refused, wait_s, wait_n, mark}
`)

var giveBack = newScript(common + `
for i = 1, count do
  local key, a = KEYS[i], 4 * i
  local s, n = free(i, tonumber(ARGV[a - 1]), tonumber(ARGV[a]))
  s, n = minus(s, n, tonumber(ARGV[a - 3]), tonumber(ARGV[a - 2]))
  if not later(s, n, now_s, now_n) then s, n = now_s, now_n end
  seconds[key], nanos[key] = s, n
end
write()
return {-1, 0, 0, mark}
`)
