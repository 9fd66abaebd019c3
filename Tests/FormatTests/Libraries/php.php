<?php
// php-memcached: `php php.php write|read HOST PORT [NAME...]`. Writes what the tests read, or prints what it reads.
[, $mode, $host, $port] = $argv;

function client(array $options = []): Memcached {
    global $host, $port;
    $client = new Memcached();
    $client->addServer($host, (int) $port);
    $client->setOptions($options + [Memcached::OPT_COMPRESSION_TYPE => Memcached::COMPRESSION_ZLIB]);
    return $client;
}

function write(Memcached $client, array $values): void {
    foreach ($values as $name => $value) {
        $client->set($name, $value) or exit("$name: {$client->getResultMessage()}\n");
    }
}

function lines(): string {
    return implode('', array_map(fn ($i) => "line $i of a text that repeats itself; ", range(0, 299)));
}

// The same numbers wherever they are made.
function noise(int $count): string {
    for ($x = 1, $text = ''; strlen($text) < $count; $text .= chr($x >> 16 & 255)) {
        $x = $x * 1103515245 + 12345 & 0x7fffffff;
    }
    return $text;
}

if ($mode === 'write') {
    write(client(), [
        'text' => 'Grüße 🐟', 'empty' => '', 'bytes' => "\x00\xff\r\n",
        'int_0' => 0, 'int_42' => 42, 'int_-5' => -5, 'int_max' => PHP_INT_MAX, 'int_min' => PHP_INT_MIN,
        'true' => true, 'false' => false, 'null' => null,
        'double_1.5' => 1.5, 'double_-0.25' => -0.25, 'double_3' => 3.0, 'double_1e300' => 1e300, 'double_1e-7' => 1e-7,
        'double_inf' => INF, 'double_-inf' => -INF, 'double_nan' => NAN,
        'array' => [1, 'two'], 'zlib' => lines(),
    ]);
    write(client([Memcached::OPT_USER_FLAGS => 7]), ['user_flags' => 'user']);
    $json = [Memcached::OPT_SERIALIZER => Memcached::SERIALIZER_JSON];
    write(client($json), ['json' => ['x' => 1, 'name' => 'ü/'], 'json_null' => null, 'json_zlib' => [lines()]]);
    write(client([Memcached::OPT_SERIALIZER => Memcached::SERIALIZER_IGBINARY]), ['igbinary' => [1]]);
    write(client([Memcached::OPT_SERIALIZER => Memcached::SERIALIZER_MSGPACK]), ['msgpack' => [1]]);
    write(client([Memcached::OPT_COMPRESSION_TYPE => Memcached::COMPRESSION_FASTLZ]), [
        'fastlz' => lines(),
        'fastlz_zeros' => str_repeat("\0", 5000),
        'fastlz_long' => str_repeat('a', 70000) . lines(),
        'fastlz_far' => str_repeat(noise(9000), 8),
    ]);
} else {
    $client = client();
    foreach (array_slice($argv, 4) as $name) {
        $value = $client->get($name);
        $text = $client->getResultCode() ? $client->getResultMessage() : var_export($value, true);
        if (is_string($value)) $text = bin2hex($value);
        if (strlen($text) > 200) $text = 'length=' . strlen($value) . ',crc=' . crc32($value);
        echo $name, "\t", gettype($value), "\t", preg_replace('/\s+/', '', $text), "\n";
    }
}
