# Ruby's dalli: `ruby dalli.rb write|read HOST PORT [NAME...]`. Writes what the tests read, or prints what it reads.
require "dalli"
require "zlib"

mode, host, port, *names = ARGV
address = "#{host}:#{port}"

def lines = (0...300).map { |i| "line #{i} of a text that repeats itself; " }.join

if mode == "write"
  # One client for all: only strings differ, by the options of the call.
  client = Dalli::Client.new(address)
  raw = { raw: true }
  bytes = "\x00\xff\r\n".b
  [
    ["text", "Grüße 🐟"], ["bytes", bytes], ["int_42", 42], ["nil", nil], ["double_1.5", 1.5], ["zlib", lines],
    ["raw_text", "Grüße 🐟", raw], ["raw_bytes", bytes, raw], ["raw_int_42", 42, raw], ["raw_true", true, raw],
    ["raw_double_1.5", 1.5, raw], ["raw_nil", nil, raw], ["raw_zlib", lines, raw]
  ].each { |name, value, options| client.set(name, value, nil, options) or abort name }
  client.incr("counter", 1, nil, 10)
  client.decr("counter", 1)
  Dalli::Client.new(address, compressor: Dalli::GzipCompressor).set("raw_gzip", lines, nil, raw)
else
  client = Dalli::Client.new(address)
  names.each do |name|
    value = client.get(name)
    text = value.is_a?(String) ? value.unpack1("H*") : value.inspect.delete(" ")
    text = "length=#{value.bytesize},crc=#{Zlib.crc32(value)}" if text.length > 200
    puts [name, value.class, text].join("\t")
  end
end
