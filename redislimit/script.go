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

// The scripts keep for each key the time at which its last attempt is forgotten, in
// microseconds since 1970. It is the theoretical arrival time of the generic cell rate
// algorithm (ITU-T I.371). That is a whole number below 2^53 until the year 2255, so Lua's
// numbers hold it exactly; nanoseconds would not fit. Each attempt has three arguments:
// after how many microseconds one attempt has come back, after how many all of them, and
// the milliseconds after which Redis may drop the key.
//
// The last key is a mark. Its value is the time at which it was made, and every script
// returns it. A mark that has changed says that Redis has lost its data.
//
// The time of a script goes into calls, and into texts made of numbers. So there is one
// MGET and a SET for each key, and the end of a key is passed on as it came.
const common = `
local call, format, tonumber = redis.call, string.format, tonumber
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local count = #KEYS - 1
local stored = call('MGET', unpack(KEYS))
local after = {} -- the time of each key, as this call leaves it

local mark = tonumber(stored[count + 1] or '')
if not mark then
  mark = now
  call('SET', KEYS[count + 1], format('%d', mark), 'EX', 34560000) -- 400 days
end

-- A time further ahead than the rate can take it was written before a clock was set back,
-- and is forgotten. A key that stands before in the call has the time that it has there.
for i = 1, count do
  local key, at = KEYS[i], tonumber(stored[i] or '')
  if not (at and at > now and at <= now + ARGV[3 * i - 1]) then at = now end
  for j = 1, i - 1 do
    if KEYS[j] == key then at = after[j] end
  end
`

// take answers with the refused attempt, counted from 0, or -1, with its wait in
// microseconds, and with the mark.
var take = newScript(`local refused, wait = -1, 0` + common + `
  at = at + ARGV[3 * i - 2]
  after[i] = at
  at = at - now - ARGV[3 * i - 1]
  if at > wait then refused, wait = i - 1, at end
end
if refused < 0 then
  for i = 1, count do
    call('SET', KEYS[i], format('%d', after[i]), 'PX', ARGV[3 * i])
  end
end
return {refused, wait, mark}
`)

var giveBack = newScript(common + `
  after[i] = math.max(now, at - ARGV[3 * i - 2])
end
for i = 1, count do
  if after[i] > now then
    call('SET', KEYS[i], format('%d', after[i]), 'PX', ARGV[3 * i])
  else
    call('DEL', KEYS[i])
  end
end
return {-1, 0, mark}
`)
