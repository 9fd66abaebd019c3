import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.zip.CRC32;
import net.spy.memcached.MemcachedClient;

/** spymemcached: `write|read HOST PORT [NAME...]`. Writes what the tests read, or prints what it reads of theirs. */
public class Spymemcached {
    private static MemcachedClient client;

    public static void main(String[] arguments) throws Exception {
        client = new MemcachedClient(new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2])));
        if (arguments[0].equals("write")) write();
        for (int i = 3; i < arguments.length; i++) read(arguments[i]);
        client.shutdown();
    }

    private static void write() throws Exception {
        set("text", "Grüße 🐟");
        set("empty", "");
        set("bytes", new byte[] {0, (byte) 255, 13, 10});
        for (int i : new int[] {0, 42, -5, 255, 256}) set("int_" + i, i);
        set("int_max", Integer.MAX_VALUE);
        set("int_min", Integer.MIN_VALUE);
        for (long i : new long[] {0, 42, -5, 1L << 40, -(1L << 40)}) set("long_" + i, i);
        set("long_max", Long.MAX_VALUE);
        set("long_min", Long.MIN_VALUE);
        for (byte i : new byte[] {0, 7, -1}) set("byte_" + i, i);
        set("true", true);
        set("false", false);
        for (double d : new double[] {0, 1.5, -0.25, 1e300}) set("double_" + d, d);
        set("double_inf", Double.POSITIVE_INFINITY);
        set("double_nan", Double.NaN);
        for (float f : new float[] {0f, 1.5f, -0.25f}) set("float_" + f, f);
        set("date_0", new Date(0));
        set("date", new Date(1700000000123L));
        set("date_early", new Date(-1500));
        set("list", new ArrayList<>(List.of(1, 2)));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 600; i++) text.append("line " + i + " of a text that repeats itself; ");
        set("gzip", text.toString());
        set("gzip_bytes", text.toString().getBytes("UTF-8"));
        client.incr("counter", 1, 10);
        client.decr("counter", 1);
    }

    private static void set(String name, Object value) throws Exception {
        if (!client.set(name, 0, value).get()) throw new Exception(name);
    }

    private static void read(String name) throws Exception {
        Object value = client.get(name);
        String type = value == null ? "null" : value.getClass().getSimpleName();
        String text = String.valueOf(value);
        if (value instanceof byte[] bytes) text = hex(bytes);
        if (value instanceof String string) text = hex(string.getBytes("UTF-8"));
        if (value instanceof Date date) text = "" + date.getTime();
        System.out.println(name + "\t" + type + "\t" + text);
    }

    private static String hex(byte[] bytes) {
        if (bytes.length > 100) {
            CRC32 sum = new CRC32();
            sum.update(bytes);
            return "length=" + bytes.length + ",crc=" + sum.getValue();
        }
        StringBuilder hex = new StringBuilder();
        for (byte b : bytes) hex.append(String.format("%02x", b));
        return hex.toString();
    }
}
