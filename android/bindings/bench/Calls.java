import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import jp.madoguchi.core.Action;
import jp.madoguchi.core.Config;
import jp.madoguchi.core.Counter;
import jp.madoguchi.core.Cues;
import jp.madoguchi.core.DeviceKey;
import jp.madoguchi.core.Language;
import jp.madoguchi.core.Lengths;
import jp.madoguchi.core.MadoguchiKt;
import jp.madoguchi.core.ReaderSession;
import jp.madoguchi.core.Storage;
import jp.madoguchi.core.Turn;

/**
 * What a call from a shell into the core costs, through the bindings that the app has: `cargo xtask bench calls`.
 *
 * Java, because it runs without being compiled first. Each number is the median of many rounds after a long warm-up, and is
 * compared with the fastest APDU that a phone was seen to do: a ratio, because the machine is none that the app runs on.
 */
final class Calls {
    /** The fastest APDU over a phone's NFC, in nanoseconds. */
    private static final double FASTEST_APDU = 13e6;

    private static final int WARM_UP = 200;
    private static final int ROUNDS = 200;
    private static final int CALLS = 50;

    private static final Duration NOW = Duration.ZERO;
    private static final UUID SERVICE = UUID.fromString("46540001-0002-00c4-0000-465453414645");

    private final Counter counter;
    private final ReaderSession session;
    private final UUID notify;

    /** READ BINARY, and what a card gives for it. */
    private final byte[] command = {0x00, (byte) 0xB0, 0x00, 0x00, 0x00};
    private final byte[] answer = new byte[258];

    private Calls() throws Exception {
        Config config = new Config(
            null, null, Language.JA, Lengths.SHORT, false, true, new Cues(false, false));
        counter = new Counter(config, new NoKey(), new Memory());
        var kind = MadoguchiKt.recogniseReader("FT_0123", List.of(SERVICE));
        notify = kind.notify();
        session = counter.readerSession("FT_0123", kind);
        session.connected(NOW);
        // A card that has no power, then power.
        exchange(0x81, 1, new byte[0]);
        session.powerOn(NOW);
        exchange(0x80, 0, new byte[] {0x3B, 0x00});
        if (!(session.turn() instanceof Turn.PoweredOn)) {
            throw new IllegalStateException("the card has no power");
        }
        answer[256] = (byte) 0x90;
    }

    /** Takes what is written, and answers it by one message of CCID (rev. 1.1 §6.2), with its sequence number. */
    private void exchange(int type, int status, byte[] data) throws Exception {
        var write = ((Turn.Write) session.turn()).getWrite();
        session.written(NOW);
        session.notified(notify, message(type, write.getBytes()[6], status, data), NOW);
    }

    private static byte[] message(int type, byte sequence, int status, byte[] data) {
        byte[] message = new byte[10 + data.length];
        message[0] = (byte) type;
        message[1] = (byte) data.length;
        message[2] = (byte) (data.length >> 8);
        message[6] = sequence;
        message[7] = (byte) status;
        System.arraycopy(data, 0, message, 10, data.length);
        return message;
    }

    public static void main(String[] arguments) throws Exception {
        Calls calls = new Calls();
        System.out.printf("| a call | µs | %% of the fastest APDU (13 ms) |%n|---|--:|--:|%n");
        double worst = calls.all();
        System.out.printf("%nthe dearest call: %.2f %% of the fastest APDU, and 1 %% is allowed%n", worst);
        System.exit(worst <= 1 ? 0 : 1);
    }

    /** The share of the dearest single call, in percent. */
    private double all() throws Exception {
        double worst = 0;
        // Timed one by one, because each needs the one before.
        double[][] times = new double[5][ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            long[] sums = new long[5];
            for (int call = 0; call < CALLS; call++) {
                long start = System.nanoTime();
                session.transmit(command, NOW);
                long transmitted = System.nanoTime();
                Turn.Write write = (Turn.Write) session.turn();
                long turned = System.nanoTime();
                session.written(NOW);
                long written = System.nanoTime();
                byte[] message = message(0x80, write.getWrite().getBytes()[6], 0, answer);
                long notifying = System.nanoTime();
                session.notified(notify, message, NOW);
                long notified = System.nanoTime();
                Turn.Answer answered = (Turn.Answer) session.turn();
                long over = System.nanoTime();
                if (answered.getAnswer().length != answer.length) {
                    throw new IllegalStateException("another answer");
                }
                sums[0] += transmitted - start;
                sums[1] += turned - transmitted;
                sums[2] += written - turned;
                sums[3] += notified - notifying;
                sums[4] += over - notified;
            }
            for (int what = 0; round >= 0 && what < 5; what++) {
                times[what][round] = (double) sums[what] / CALLS;
            }
        }
        String[] names = {
            "`ReaderSession.transmit`: a command of 5 bytes in",
            "`ReaderSession.turn`: a write of 15 bytes out",
            "`ReaderSession.written`: nothing",
            "`ReaderSession.notified`: an answer of 258 bytes in",
            "`ReaderSession.turn`: an answer of 258 bytes out",
        };
        for (int what = 0; what < names.length; what++) {
            worst = Math.max(worst, line(names[what], median(times[what])));
        }
        // On a phone's own NFC an answer goes in and a command comes out of one call. It is no more than these two, which
        // carry a characteristic and a time besides, without what the call itself costs a second time.
        double nfc = median(times[1]) + median(times[3]) - median(times[2]);
        worst = Math.max(worst, line("`Tap.next`, at most: an answer of 258 bytes in and a command out, in one call", nfc));
        worst = Math.max(worst, line("`Counter.act`: a whole screen out", median(() -> counter.act(Action.Touch.INSTANCE))));
        return worst;
    }

    private static double line(String name, double nanoseconds) {
        double share = 100 * nanoseconds / FASTEST_APDU;
        System.out.printf("| %s | %.0f | %.2f |%n", name, nanoseconds / 1e3, share);
        return share;
    }

    private static double median(Runnable call) {
        double[] times = new double[ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int again = 0; again < CALLS; again++) {
                call.run();
            }
            if (round >= 0) {
                times[round] = (double) (System.nanoTime() - start) / CALLS;
            }
        }
        return median(times);
    }

    private static double median(double[] times) {
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Nothing here needs a key. */
    private static final class NoKey implements DeviceKey {
        @Override
        public List<byte[]> create(byte[] challenge) {
            throw new UnsupportedOperationException();
        }

        @Override
        public byte[] publicKey() {
            throw new UnsupportedOperationException();
        }

        @Override
        public byte[] sign(byte[] message) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete() {}
    }

    private static final class Memory implements Storage {
        private final Map<String, byte[]> kept = new HashMap<>();

        @Override
        public byte[] load(String name) {
            return kept.get(name);
        }

        @Override
        public void store(String name, byte[] bytes) {
            kept.put(name, bytes);
        }

        @Override
        public void delete(String name) {
            kept.remove(name);
        }
    }
}
