package jp.madoguchi.app

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.objectweb.asm.ClassReader
import org.objectweb.asm.Handle
import org.objectweb.asm.tree.AnnotationNode
import org.objectweb.asm.tree.ClassNode
import org.objectweb.asm.tree.FieldInsnNode
import org.objectweb.asm.tree.InvokeDynamicInsnNode
import org.objectweb.asm.tree.MethodInsnNode
import java.io.File
import java.net.URI

/**
 * The framework that the sources are compiled against also has members that apps may not use, and its Java is that of
 * the host. So every class and member of Android and Java that the app, or the generated bindings, use is in a list,
 * where a person put it who had looked at its public documentation: whether it is public, and from which level on.
 */
class FrameworkMembersTest {
    private val known = HashMap<String, ClassNode?>()

    @Test
    fun `every member of the framework that is used was looked at`() {
        val used = (classes(APP) + classes(BINDINGS)).flatMap(::members).toSortedSet()
        val unknown = used - list()
        assertTrue("look these up, and add them to $LIST:\n${unknown.joinToString("\n")}\n", unknown.isEmpty())
    }

    @Test
    fun `nothing is used that the framework itself marks as not for apps`() {
        val marked = (classes(APP) + classes(BINDINGS)).flatMap(::uses).filter { use ->
            val owner = node(use.owner) ?: return@filter false
            val annotations = use.declared(owner)
            annotations.any { annotation -> NOT_FOR_APPS.any { annotation.desc.endsWith("/$it;") } }
        }
        assertEquals(emptyList<Use>(), marked.distinct())
    }

    private data class Use(val owner: String, val name: String, val descriptor: String) {
        override fun toString() = if (name.isEmpty()) owner else "$owner $name $descriptor"

        fun declared(owner: ClassNode): List<AnnotationNode> {
            val method = owner.methods.find { it.name == name && it.desc == descriptor }
            val field = owner.fields.find { it.name == name && it.desc == descriptor }
            return listOf(owner.visibleAnnotations, owner.invisibleAnnotations).flatMap { it.orEmpty() } +
                listOf(method?.visibleAnnotations, method?.invisibleAnnotations).flatMap { it.orEmpty() } +
                listOf(field?.visibleAnnotations, field?.invisibleAnnotations).flatMap { it.orEmpty() }
        }
    }

    private fun members(of: ClassNode): List<String> = uses(of).map(Use::toString)

    /** What a class calls, reads, is made of, and overrides, of the framework. */
    private fun uses(of: ClassNode): List<Use> {
        val supers = (listOfNotNull(of.superName) + of.interfaces).map { Use(it, "", "") }
        val overridden = of.methods.filter { it.name !in NOT_METHODS }
            .mapNotNull { method -> declaring(of.name, method.name, method.desc, except = of.name) }
        val inside = of.methods.flatMap { it.instructions }.flatMap { instruction ->
            when (instruction) {
                is MethodInsnNode -> listOf(Use(instruction.owner, instruction.name, instruction.desc))
                is FieldInsnNode -> listOf(Use(instruction.owner, instruction.name, instruction.desc))
                is InvokeDynamicInsnNode ->
                    (instruction.bsmArgs.toList() + instruction.bsm).filterIsInstance<Handle>().map { Use(it.owner, it.name, it.desc) }
                else -> emptyList()
            }
        }
        val called = inside.mapNotNull { declaring(it.owner, it.name, it.descriptor) }
        return (supers + overridden + called).filter { it.owner.isFramework }
    }

    /** Where a member is declared, from this class upwards. */
    private fun declaring(owner: String, name: String, descriptor: String, except: String? = null): Use? {
        val node = node(owner) ?: return null
        val has = node.methods.any { it.name == name && it.desc == descriptor } ||
            node.fields.any { it.name == name && it.desc == descriptor }
        if (has && owner != except) return Use(owner, name, descriptor)
        return (listOfNotNull(node.superName) + node.interfaces).firstNotNullOfOrNull { declaring(it, name, descriptor) }
    }

    private fun node(name: String): ClassNode? = known.getOrPut(name) {
        ClassLoader.getSystemResourceAsStream("$name.class")?.use { parse(it.readAllBytes()) }
    }

    private fun classes(one: String): List<ClassNode> {
        val resource = "$one.class"
        val file = File(URI(checkNotNull(ClassLoader.getSystemResource(resource)) { one }.toString()))
        val folder = resource.split('/').fold(file) { above, _ -> above.parentFile }
        return folder.walk().filter { it.extension == "class" }.map { parse(it.readBytes()) }.toList()
    }

    private fun parse(bytes: ByteArray) =
        ClassNode().also { ClassReader(bytes).accept(it, ClassReader.SKIP_DEBUG or ClassReader.SKIP_FRAMES) }

    private fun list(): Set<String> = checkNotNull(javaClass.getResource("/$LIST")).readText().lines()
        .map { it.substringBefore('#').trim() }.filter(String::isNotEmpty).toSet()

    private val String.isFramework get() = FRAMEWORK.any(::startsWith)

    private companion object {
        const val LIST = "framework-members.txt"
        /** Not inherited. */
        val NOT_METHODS = setOf("<init>", "<clinit>")

        /** A class of each module. */
        const val APP = "jp/madoguchi/app/MainActivity"
        const val BINDINGS = "jp/madoguchi/core/Counter"

        val FRAMEWORK = listOf("android/", "com/android/", "dalvik/", "java/", "javax/", "org/json/", "org/xml/")

        /** Annotations of members that are public in the bytecode only. */
        val NOT_FOR_APPS = listOf("SystemApi", "TestApi", "UnsupportedAppUsage")
    }
}
