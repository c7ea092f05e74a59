-- Phones renew their codes, in turn: for `wrk`. PHONES names a file with a path and a token a line.
local requests = {}
local turn = 0

function init()
  for line in io.lines(os.getenv("PHONES")) do
    local path, token = line:match("^(%S+) (%S+)$")
    local headers = { ["Authorization"] = "Bearer " .. token }
    requests[#requests + 1] = wrk.format("POST", path, headers, "")
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
