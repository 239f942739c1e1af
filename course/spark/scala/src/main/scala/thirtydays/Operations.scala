package thirtydays

import java.nio.file.{Files, Path}

import scala.jdk.CollectionConverters._

import org.tensorflow.TensorFlow
import org.tensorflow.proto.SavedModel

/** What a model is made of, read from its file before anything is loaded. */
object Operations {
  /** The model's operations that this TensorFlow lacks; with any, it cannot load. */
  def unknown(folder: String): Seq[String] = {
    val bytes = Files.readAllBytes(Path.of(folder, "saved_model.pb"))
    val graph = SavedModel.parseFrom(bytes).getMetaGraphs(0).getGraphDef
    val functions = graph.getLibrary.getFunctionList.asScala
    val inner = functions.flatMap(_.getNodeDefList.asScala)
    val used = graph.getNodeList.asScala ++ inner
    val known = TensorFlow.registeredOpList().getOpList.asScala.map(_.getName).toSet
    val own = functions.map(_.getSignature.getName).toSet
    used.map(_.getOp).toSet.diff(known).diff(own).toSeq.sorted
  }
}
