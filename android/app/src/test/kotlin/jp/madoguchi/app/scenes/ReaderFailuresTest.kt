package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.Phone
import org.junit.Rule
import org.junit.rules.TestRule
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** The failures of a Bluetooth reader, as staff read them. */
@RunWith(RobolectricTestRunner::class)
class ReaderFailuresTest {
    @get:Rule val phone = Phone()
    @get:Rule val meeting: TestRule = Meeting { staff }
    private val staff = Staff()
}
