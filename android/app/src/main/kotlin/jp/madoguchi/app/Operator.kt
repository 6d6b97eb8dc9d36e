package jp.madoguchi.app

import android.content.res.Resources
import jp.madoguchi.core.ServiceAddress
import jp.madoguchi.core.ServiceRoot

/** Who runs the service for which the app was built: `operator.xml`. Nobody: then a device is registered by a link. */
class Operator(val service: ServiceAddress?, val helpDesk: String?) {
    companion object {
        internal fun of(resources: Resources): Operator {
            val service = resources.getString(R.string.operator_service).ifBlank { null }
            val root = resources.getString(R.string.operator_service_root)
            return Operator(
                service = service?.let { ServiceAddress(it, ServiceRoot.Fingerprint(bytes(root))) },
                helpDesk = resources.getString(R.string.operator_help_desk).ifBlank { null },
            )
        }

        private fun bytes(digits: String): ByteArray = digits.chunked(2).map { it.toInt(16).toByte() }.toByteArray()
    }
}
